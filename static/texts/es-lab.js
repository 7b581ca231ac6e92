// @ts-check

/** Spanish: what training in the page says, loaded with it. */

import { significant } from "../core/format.js";
import { grouped } from "./es-words.js";

/** @type {Record<"off" | "system" | "pytorch" | "mnist", string>} */
export const hindrances = {
  off: "Este servidor no entrena modelos.",
  system: "Entrenar en la página requiere un servidor con Linux o macOS.",
  pytorch:
    "Para entrenar aquí, el servidor necesita PyTorch: ejecuta allí pip install 'vqvae-explainer[train]' y vuelve a iniciarlo.",
  mnist:
    "Para entrenar aquí, el servidor necesita los dígitos de MNIST: inícialo con vqvae-explainer serve --data-dir DIR, donde DIR " +
    "contiene la carpeta MNIST/raw. El comando vqvae-explainer evaluate los descarga a su lugar habitual.",
};

/** @param {number} seconds */
export const limits = (seconds) =>
  `Se entrena un solo modelo a la vez, como máximo ${seconds < 120 ? `${seconds} segundos` : `${Math.round(seconds / 60)} minutos`}.`;

export const unreachable = "El servidor no ha respondido. Inténtalo otra vez cuando haya conexión.";
export const full = "Ya hay demasiados entrenamientos en espera. Inténtalo otra vez en un minuto.";

export const stopping = "Deteniendo.";

export const states = {
  ready: "Empezando.",
  starting: "Empezando: el servidor carga PyTorch y los dígitos.",
  training: "Aprendiendo. Mientras tanto, dibuja: el modelo prueba con lo que haya en la pizarra.",
  measuring: "Midiendo el modelo con 10 000 dígitos de prueba.",
};

/** @param {number} position */
export const waiting = (position) =>
  position === 0
    ? "Empezando."
    : position === 1
    ? "En espera: hay un entrenamiento antes que este."
    : `En espera: hay ${position} entrenamientos antes que este.`;

/** @type {Record<string, string>} */
export const finished = {
  epochs: "Listo: el modelo ha visto diez veces todos los dígitos de entrenamiento.",
  time_limit: "Listo: se acabó el tiempo.",
  stopped: "Detenido. El modelo se queda en el punto al que había llegado.",
};

/** @type {Record<string, string>} */
export const failures = {
  stopped: "Detenido antes de que llegara su turno.",
  unattended: "El entrenamiento terminó porque esta página no preguntó por él durante un rato.",
  diverged: "El entrenamiento falló: sus pérdidas crecieron sin límite.",
  memory: "El entrenamiento falló: necesitaba más memoria de la que permite el servidor.",
  data: "El entrenamiento falló: el servidor no puede leer sus archivos de MNIST. Su registro dice más.",
  internal: "El entrenamiento falló. El registro del servidor dice por qué.",
  ended: "El entrenamiento terminó con su proceso en el servidor, que quizá se quedó sin memoria o fue detenido.",
};

/**
 * @param {number} step
 * @param {number} error
 * @param {number} used
 * @param {number} codes
 */
export const progress = (step, error, used, codes) =>
  `Paso ${grouped(step)}: error ${significant(error)}, ${used} de ${codes} códigos en uso.`;

/**
 * @param {object} last snapshot
 * @param {number} last.step
 * @param {number} last.error
 * @param {number} last.used
 * @param {number} last.codes
 * @param {number} last.perplexity
 */
export const facts = ({ step, error, used, codes, perplexity }) =>
  `Paso ${grouped(step)}: error ${significant(error)}, ${used} de ${codes} códigos en uso, perplejidad ${perplexity.toFixed(1)}.`;

/**
 * @param {string} title of the recorded model
 * @param {number} error
 * @param {number} perplexity
 */
export const compared = (title, error, perplexity) =>
  `En este paso, ${title} tenía un error de ${significant(error)} y una perplejidad de ${perplexity.toFixed(1)}.`;
