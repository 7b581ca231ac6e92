// @ts-check

/** Spanish: the tour. Labels of buttons stand in «quotation marks». */

/** @typedef {import("../core/types.d.ts").TourStep} TourStep */

/**
 * Numbers of the model and of what is selected.
 * @typedef {object} Facts
 * @property {number} cells
 * @property {number} codes
 * @property {number} depth
 * @property {number} bits
 * @property {number} pictureBits
 * @property {number} code on the brush, or selected
 * @property {number} users cells that have it
 */

/** @typedef {Record<"title" | "text" | "act" | "done", (facts: Facts) => string>} StepTexts */

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [other]
 */
const count = (n, one, other = `${one}s`) => `${n} ${n === 1 ? one : other}`;

/** @type {Record<TourStep, StepTexts>} */
export const steps = {
  "draw": {
    title: () => "Dibuja un dígito",
    text: () => "Una red neuronal lee la pizarra con cada trazo, y toda la página la sigue.",
    act: () => "Dibuja un dígito, o pulsa uno debajo de la pizarra.",
    done: () => "La red lo ha leído. Los próximos pasos miran dentro, con tu propio dibujo.",
  },
  "patch": {
    title: () => "Un trozo se vuelve un vector",
    text: ({ depth }) =>
      `El codificador convierte cada trozo del dibujo en una celda de características: un vector de ${count(depth, "número")}. ` +
      "Un marco amarillo muestra el trozo de la celda elegida.",
    act: () => "Haz clic en otra celda, o tócala.",
    done: () => "Otro trozo, otro vector.",
  },
  "nearest-code": {
    title: () => "El código más cercano",
    text: ({ codes }) =>
      `El diccionario (codebook) tiene ${count(codes, "vector aprendido", "vectores aprendidos")}, los códigos. Debajo de cada uno ` +
      "está su distancia al cuadrado. Solo pasa el código más cercano.",
    act: () => "Haz clic en el código de menor distancia, o tócalo.",
    done: ({ code }) => `Sí, el código ${code}. Se iluminan todas las celdas que lo eligieron.`,
  },
  "distance": {
    title: () => "Por qué gana una distancia",
    text: ({ depth }) =>
      `Esta es la suma que da una distancia: ${differences(depth)} entre los dos vectores, al cuadrado.`,
    act: () => "Haz clic en la distancia a otro código, o tócala.",
    done: () => "Esta suma es mayor, así que este código pierde. Gana la suma menor de cada fila: eso es argmin.",
  },
  "bits": {
    title: ({ cells, bits }) => `${count(cells, "número")}, ${count(bits, "bit")}`,
    text: ({ cells, bits, pictureBits }) =>
      `De tu dibujo solo ${cells === 1 ? "se guarda 1 número de código" : `se guardan ${cells} números de código`}. Ocupan ${count(bits, "bit")}. ` +
      `La imagen ocupaba ${pictureBits}.`,
    act: () => "Señala una esquina vacía de la rejilla, o tócala.",
    done: ({ code, users }) => `El código ${code} está en ${count(users, "celda")}. Con tinta o sin ella, cada celda cuesta lo mismo.`,
  },
  "decode": {
    title: () => "Decodificado de vuelta",
    text: ({ cells }) =>
      `El decodificador ve ${count(cells, "número")} y el diccionario, nada más. Con eso vuelve a dibujar tu dígito.`,
    act: () => "Pulsa «Diferencia» para ver en qué falló.",
    done: () => "Los colores distinguen la tinta perdida de la tinta añadida.",
  },
  "paint": {
    title: () => "Pinta con un código",
    text: ({ code }) => `Ahora tú escribes los códigos. El código ${code} está en tu pincel y el decodificador dibuja lo que dice la rejilla.`,
    act: () => "Arrastra por la rejilla, o pulsa una celda.",
    done: () => "Dibujó lo que escribiste. El decodificador nunca ve tu dibujo, solo códigos.",
  },
  "bypass": {
    title: () => "Sin el cuantizador",
    text: ({ codes }) =>
      `¿Cuánto cuesta redondear cada vector a uno de ${count(codes, "código")}? Este interruptor entrega al decodificador los vectores ` +
      "tal como eran.",
    act: () => "Pulsa «Saltar el cuantizador».",
    done: () => "Compara los dos errores. La diferencia es el coste de redondear.",
  },
  "straight-through": {
    title: () => "Straight-through: paso directo",
    text: () =>
      "Para entrenar el codificador, el error debe llegar hasta él. Pero argmin no tiene gradiente. Por eso el gradiente se copia " +
      "al otro lado, directamente.",
    act: () => "Pulsa «Línea straight-through» para quitarla.",
    done: () => "Ahora ningún gradiente llega al codificador. No podría aprender.",
  },
  "losses": {
    title: () => "Qué mueve cada pérdida",
    text: () =>
      "Hay tres pérdidas. La primera y la última mueven el codificador; la de en medio, los códigos. Un 0 marca el extremo " +
      "que una pérdida no toca.",
    act: () => "Señala una pérdida, o tócala.",
    done: () => "La misma pérdida se ilumina en las ecuaciones y el código de arriba.",
  },
  "collapse": {
    title: () => "Un diccionario colapsado",
    text: () =>
      "En el primer entrenamiento, unos pocos códigos ganan siempre y el resto nunca aprende. En el segundo se reparten el trabajo. Un remedio: " +
      "mover los códigos sin uso.",
    act: () => "Pulsa «Reproducir».",
    done: () => "Fíjate en cuántos códigos están en uso.",
  },
  "generate": {
    title: () => "Deja que escriba un dígito",
    text: () =>
      "Hasta ahora el modelo copiaba. Un segundo modelo, el prior, ha aprendido qué código viene después. Escribe código a código, " +
      "y el decodificador dibuja.",
    act: () => "Elige un dígito y pulsa «Reproducir».",
    done: () => "Este no lo dibuja nadie. Aquí acaba la guía: ahora la página es tuya.",
  },
};

/** @param {number} n */
function differences(n) {
  return n === 1 ? "la única diferencia" : `las ${n} diferencias`;
}

/** Instead of a step, what it needs and this page or model does not have. */
export const missing = {
  patches: "Otros modelos leen el dibujo trozo a trozo; este lo lee entero. Sigue adelante, o elige otro modelo arriba.",
  runs: "Un diccionario puede colapsar: unos pocos códigos ganan todas las celdas y el resto nunca aprende. Esta página no tiene grabado un entrenamiento así.",
  prior: "Un segundo modelo, llamado prior, podría escribir dígitos código a código. Aquí ningún modelo tiene uno.",
};

export const card = {
  /**
   * @param {number} n
   * @param {number} all
   */
  place: (n, all) => `${n} de ${all}`,
  back: "Atrás",
  next: "Siguiente",
  skip: "Saltar",
  finish: "Terminar",
  show: "Muéstramelo",
  close: "Cerrar la guía",
  /**
   * @param {number} n
   * @param {number} all
   * @param {string} title
   * @param {string[]} sentences
   */
  spoken: (n, all, title, sentences) => `Guía, paso ${n} de ${all}: ${title}. ${sentences.join(" ")}`,
};
