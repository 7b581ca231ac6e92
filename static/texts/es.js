// @ts-check

/** Spanish: every sentence that a visitor reads. What each text is for is said in en.js. */

import { at, choose, content, count, listed, mixed, whole } from "./es-words.js";
import { formatNumber as short, percent } from "../core/format.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("./es-words.js").Place} Place */
/** @typedef {import("../core/rows.js").Run} Run */

/**
 * @param {string} sentence
 * @param {Record<string, string | number>} values of its {placeholders}
 */
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

export const page = {
  "shell.connecting": "Conectando",
  "shell.light-theme": "Tema claro",
  "shell.dark-theme": "Tema oscuro",
  "figure.features.intro": "El codificador (encoder) convierte cada trozo del dibujo en una característica: un vector de {numbers}, uno por canal.",
  "figure.features.intro-dense": "El codificador (encoder) convierte todo el dibujo en una característica: un vector de {numbers}, uno por canal.",
  "figure.codebook.uses": "Debajo: cuántas celdas usan cada código.",
  "figure.indices.intro": "Índice: número del código más cercano. Son {cells}, {bits} bits: todo lo que se conserva.",
  "figure.indices.intro-level": "Índice: número del código más cercano. Son {cells}, {bits} de los {total} bits que se conservan.",
  "figure.indices.intro-one": "Índice: el número del código más cercano. Ocupa {bits} y es todo lo que se conserva.",
  "figure.quantized.intro": "Cada índice se sustituye por su código. La diferencia con la característica original se pierde.",
  "figure.quantized.intro-one": "El índice se sustituye por su código. La diferencia con la característica original se pierde.",
  "figure.reconstruction.intro": "El decodificador (decoder), la segunda mitad de la red, dibuja esto solo a partir de los códigos.",
  "figure.reconstruction.intro-dense": "El decodificador (decoder) dibuja esto solo a partir de los códigos.",
  "figure.reconstruction.intro-one": "El decodificador (decoder) dibuja esto solo a partir de ese código.",
  "figure.reveal": "Mostrar el cuantizador vectorial",
  "figure.hide": "Ocultar el cuantizador vectorial",
  "figure.inspector.title": "Señala una celda o un código",
  "figure.inspector.hint": "La página sigue entonces un vector por el modelo. Haz clic o toca para fijarlo; pulsa Escape para soltarlo.",
  "figure.inspector.anomalies": "Los dígitos de prueba son 10 000 dígitos que no se usaron en el entrenamiento. Un modelo reconstruye bien aquello con lo que se entrenó, así que un error grande indica una entrada poco familiar. Esta es la idea de la detección de anomalías.",
  "quantizer.board": "Matrices, con desplazamiento horizontal",
  "quantizer.reshape": "Mostrar el reshape",
  "quantizer.embeddings": "Traspuesto: cada columna es un código.",
  "models.playback.play": "Reproducir",
  "models.playback.pause": "Pausa",
  "generate.write.play": "Reproducir",
  "generate.write.pause": "Pausa",
  "generate.compress.raw": "Píxeles, 28×28 bytes",
  "generate.compress.gzip": "gzip de los píxeles",
  "generate.compress.png": "PNG, tal como lo escribe este navegador",
  "generate.compress.codes": "Códigos, cada uno con los mismos bits",
  "generate.compress.coded": "Códigos, codificador aritmético con el prior"
};

export const shell = {
  connection: { connecting: page["shell.connecting"], live: "En vivo", offline: "Sin conexión" },
  /** @param {number} ms */
  milliseconds: (ms) => `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`,
  /** @param {number} frames */
  perSecond: (frames) => `${Math.round(frames)}/s`,
  tourOffered: "Doce pasos cortos explican qué le pasa a tu dibujo.",
  partMissing: "No se pudo cargar esta parte de la página. Se cargará cuando vuelva la conexión.",
  outdated: "Los resultados atenuados son de un dibujo anterior.",
  /** @param {string} title of a model */
  loading: (title) => `Cargando ${title}.`,

  /**
   * @param {object} selected
   * @param {Place} selected.place
   * @param {boolean} selected.pinned
   * @param {boolean} selected.edited whether the visitor put the code there
   * @param {number} selected.code
   * @param {number | null} selected.distance squared; null while it is on its way
   * @param {number | null} selected.runnerUp null if there is none
   * @param {number} selected.runnerUpDistance
   */
  cell({ place, pinned, edited, code, distance, runnerUp, runnerUpDistance }) {
    const state = pinned ? "Fijada" : "Seleccionada";
    const { cell: [i, j], row, runs } = place;
    const where = runs ? `la fila ${row} del reshape erróneo, ${content(runs)},` : `la fila ${i}, columna ${j},`;
    const sentence = edited
      ? `${state}: ${where} se cambió al código ${code}.`
      : `${state}: ${where} tiene como código más cercano el ${code}.`;
    if (distance === null) return sentence;
    return runnerUp === null
      ? `${sentence} Distancia al cuadrado: ${short(distance)}.`
      : `${sentence} Distancia al cuadrado: ${short(distance)}; el segundo es el ${runnerUp}, a ${short(runnerUpDistance)}.`;
  },

  /**
   * @param {number} code
   * @param {number} users
   * @param {number} cells
   */
  code: (code, users, cells) => `El código ${code} lo ${choose(users, "usa", "usan")} ${users} de ${count(cells, "celda")}.`,

  /**
   * @param {number} codes
   * @param {number} cells
   */
  traced: (codes, cells) => `El modelo ha codificado el dibujo: ${count(codes, "código")} en ${count(cells, "celda")}.`,
};

export const drawing = {
  /** @param {string[]} names of what the address holds */
  copied: (names) => `Dirección copiada. Abre esta página con ${listShared(names)}.`,
  /** @param {string[]} names of what the address holds */
  inAddress: (names) => `La barra de direcciones contiene ahora ${listShared(names)}. Cópiala desde allí.`,
  addressUnreadable: "No se pudo leer el dibujo de la dirección.",
  storageUnreadable: "No se pudo leer el dibujo guardado.",

  /** @param {string[]} names */
  addressRefused: (names) =>
    choose(
      names.length,
      `La dirección contiene un valor no válido (${names.join(", ")}). Se ha ignorado.`,
      `La dirección contiene valores no válidos (${names.join(", ")}). Se han ignorado.`,
    ),

  /** @param {string[]} names */
  storageRefused: (names) =>
    choose(
      names.length,
      `Un ajuste guardado no es válido (${names.join(", ")}). Se usa el valor por defecto.`,
      `Algunos ajustes guardados no son válidos (${names.join(", ")}). Se usan los valores por defecto.`,
    ),
};

/**
 * What an address can hold, by the names of its parameters.
 * @type {Record<string, string | undefined>}
 */
const SHARED = {
  drawing: "el dibujo",
  model: "el modelo",
  centre: "el centrado desactivado",
  difference: "la imagen de la diferencia",
  channel: "el canal",
  scaling: "la escala de grises",
  details: "los detalles abiertos",
  listing: "el listado elegido",
  pin: "lo que está fijado",
  codes: "tus códigos",
  "codes.top": "tus códigos",
  level: "el nivel elegido",
  "what-if": "el experimento",
  backward: "la retropropagación",
  "straight-through": "la línea straight-through quitada",
  compare: "las secciones abiertas",
  health: "las secciones abiertas",
  playback: "las secciones abiertas",
  lab: "las secciones abiertas",
  generate: "las secciones abiertas",
  digit: "cómo se muestrean los dígitos",
  temperature: "cómo se muestrean los dígitos",
  seed: "cómo se muestrean los dígitos",
  rows: "cuántas filas se conservan",
  show: "la vista",
  tour: "el paso de la guía",
  meter: "el medidor",
};

/** @param {string[]} names */
const listShared = (names) => listed(new Set(names.map((name) => SHARED[name] ?? name)));

export const figure = {
  /** @param {number} code */
  codeName: (code) => `código ${code}`,

  /**
   * @param {Cell} cell
   * @param {number} [code] undefined before the first answer
   * @param {number} [own] the code that the model chose
   */
  cell([i, j], code, own) {
    if (code === undefined) return `Fila ${i}, columna ${j}`;
    return code === own
      ? `Fila ${i}, columna ${j}: código ${code}`
      : `Fila ${i}, columna ${j}: código ${code}, el del modelo era ${own}`;
  },

  /**
   * @param {number} row of the wrong reshape
   * @param {number} code
   */
  mixedRow: (row, code) => `Fila ${row} del reshape erróneo: código ${code}`,

  /**
   * @param {number} code
   * @param {number} cells that use it
   */
  code: (code, cells) => `Código ${code}, usado por ${count(cells, "celda")}`,
  codebookDistances: "Debajo: distancias al cuadrado a esta característica.",
  distancesLoading: "Las distancias se están cargando.",
  codebookOne: "Debajo: un 1 marca el código que recibe este dibujo.",

  /** @param {number} code */
  pictureName: (code) => `Lo que dibuja el decodificador con el código ${code}`,
  /** @param {number} code */
  wholePicture: (code) => `Lo que dibuja el decodificador con el código ${code}: una imagen entera.`,
  /** @param {number} code */
  emptyPicture: (code) => `Celdas con el código ${code} en medio de una página en blanco: el decodificador no dibuja nada.`,
  /** @param {number} code */
  picture: (code) => `Lo que dibuja el decodificador con celdas del código ${code} en medio de una página en blanco.`,

  /**
   * @param {number} error
   * @param {number} used
   * @param {number} codes
   * @param {number} ratio
   */
  model: (error, used, codes, ratio) =>
    `error de prueba ${error.toFixed(4)} · usa\u00a0${used === codes ? codes === 1 ? "su único código" : `los\u00a0${codes}\u00a0códigos` : `${used} de ${count(codes, "código")}`} · ` +
    `compresión ${ratio.toFixed(0)}×`,
  /** @param {number} cells */
  picks: (cells) => count(cells, "elección", "elecciones"),

  /**
   * @param {boolean} convolutional
   * @param {number} depth
   */
  encoder: (convolutional, depth) =>
    fill(page[convolutional ? "figure.features.intro" : "figure.features.intro-dense"], { numbers: count(depth, "número") }),

  /**
   * @param {boolean} convolutional
   * @param {number} cells
   */
  decoder(convolutional, cells) {
    if (convolutional) return page["figure.reconstruction.intro"];
    return cells === 1 ? page["figure.reconstruction.intro-one"] : page["figure.reconstruction.intro-dense"];
  },

  /**
   * @param {number} cells
   * @param {number} bits of them
   * @param {number} total bits, of all levels
   */
  winners: (cells, bits, total) =>
    bits < total
      ? fill(page["figure.indices.intro-level"], { cells, bits, total })
      : cells === 1
      ? fill(page["figure.indices.intro-one"], { bits: count(bits, "bit") })
      : fill(page["figure.indices.intro"], { cells, bits }),
  /** @param {number} cells */
  lookup: (cells) => page[cells === 1 ? "figure.quantized.intro-one" : "figure.quantized.intro"],

  /**
   * @param {string} level
   * @param {Pick<import("../core/grid.js").Grid, "height" | "width">} grid
   */
  level: (level, { height, width }) => `${level === "top" ? "Superior" : "Inferior"} ${height}×${width}`,

  badges: {
    edited: "editado",
    fromEdited: "de tus códigos",
    bypassed: "omitido",
    fromFeatures: "de las características",
    mixed: "mezclado",
    fromMixed: "de códigos mezclados",
  },

  rows: { channel: "canal", feature: "característica", difference: "diferencia²" },
  /** @param {string} sum */
  rowSum: (sum) => `Σ ${sum}`,

  /**
   * @param {Place} place
   * @param {Node} chip
   */
  cellTitle: (place, chip) => mixed`${whole(place)} → ${chip}`,
  /**
   * @param {Run[]} runs
   * @param {string} sentence about its code
   */
  mixedContent: (runs, sentence) => `Contiene: ${content(runs)}. ${sentence}`,
  /** @param {Node} chip */
  codeTitle: (chip) => mixed`${chip} en el diccionario`,

  /**
   * @param {number} code
   * @param {number | null} distance squared; null while it is on its way
   * @param {number | null} runnerUp null if there is none
   * @param {number} runnerUpDistance
   */
  nearest(code, distance, runnerUp, runnerUpDistance) {
    if (distance === null) return `El código ${code} es el más cercano. Las distancias se están cargando.`;
    const nearest = `De todos los códigos, el ${code} tiene la menor distancia al cuadrado: ${short(distance)}.`;
    return runnerUp === null ? nearest : `${nearest} El segundo, el ${runnerUp}, está a ${short(runnerUpDistance)}.`;
  },

  /**
   * @param {number} code
   * @param {number | null} distance squared; null while it is on its way
   * @param {number} chosen by the model
   * @param {number} chosenDistance
   */
  replaced: (code, distance, chosen, chosenDistance) => distance === null
    ? `Tú pusiste aquí el código ${code}. El modelo eligió el ${chosen}. Las distancias se están cargando.`
    : `Tú pusiste aquí el código ${code}, a distancia al cuadrado ${short(distance)}. El modelo eligió el ${chosen}, ` +
    `a ${short(chosenDistance)}.`,

  /**
   * @param {number} users cells of this drawing that use the code
   * @param {number} cells
   * @param {number} usage share of the test digits' cells
   */
  usage(users, cells, usage) {
    const same = "Sus números son los mismos dondequiera que se use.";
    if (cells === 1) {
      const here = users ? "Este dibujo recibe este código." : "Este dibujo recibe otro código.";
      return `${here} Lo recibe el ${percent(usage)} de los dígitos de prueba. ${same}`;
    }
    const here = `Lo ${choose(users, "usa", "usan")} ${users} de las ${cells} celdas de este dibujo.`;
    return `${here} Lo usa el ${percent(usage)} de todas las celdas de los dígitos de prueba. ${same}`;
  },
};

export const experiments = {
  /**
   * @param {string} cost in error
   * @param {number} share of the error
   */
  bypassCost: (cost, share) =>
    `La cuantización añade ${cost} al error de este dibujo, el ${Math.round(100 * share)}% del total.`,
  bypassFree: "Aquí la cuantización no añade error: el decodificador, entrenado con códigos, no lo hace mejor sin ellos.",

  /**
   * @param {number} changed
   * @param {number} rows
   * @param {number} ratio
   */
  reshapeCost: (changed, rows, ratio) =>
    `${changed} de ${rows} filas ${choose(changed, "recibe", "reciben")} otro código, y el error es ${short(ratio)} ` +
    "veces el original.",

  /** @param {number} code */
  paletteCode: (code) => `Código ${code}`,
  /** @param {number} code */
  brushHint: (code) =>
    `El código ${code} está en tu pincel: haz clic en celdas o arrastra por ellas. Púlsalo otra vez, o Escape, para soltarlo.`,
  /**
   * @param {Cell} cell
   * @param {number} code
   */
  cellHint: (cell, code) => `La celda ${at(cell)} tiene el código ${code}. Elige otro para ella.`,
  editHint: "Elige un código y pinta celdas con él, o haz clic primero en una celda y elige después su código.",

  /**
   * @param {number} changed
   * @param {number} cells
   * @param {number} error
   * @param {number} own error with the model's codes
   */
  edited: (changed, cells, error, own) =>
    `Cambiaste ${changed} de ${count(cells, "código")}. Error ${error.toFixed(4)}; con los códigos del modelo, ${own.toFixed(4)}.`,
  returned: "Has dibujado, así que la rejilla muestra otra vez los códigos del modelo.",
  unedited: "La rejilla muestra los códigos del modelo.",
};

export const training = {
  ownLosses: "Estos son los valores propios del modelo, sin el experimento de arriba.",
};

export const models = {
  priorMissing: "No se pudo cargar el prior. La página lo intenta otra vez cuando se muestrea algo.",
  cardMissing: "No se pudo cargar lo que se midió del prior. Se cargará cuando vuelva la conexión.",
  emptyPad: "La pizarra está vacía: dibuja un dígito para compararlo con los dígitos de prueba.",
  experiment: "El error es el de tu experimento; los dígitos de prueba se midieron sin ninguno.",
  /**
   * What an error says about a drawing, given its percentile among the model's own errors for the test digits.
   * @type {Record<import("../core/usage.js").Familiarity, (percentile: number) => string>}
   */
  familiarity: {
    largest: () =>
      "Este error es mayor que el de este modelo con cualquier dígito de prueba: no ha visto nada como este dibujo.",
    tail: () =>
      "Este error es mayor que el 99% de los errores de este modelo con los dígitos de prueba: no ha visto nada como este dibujo.",
    unusual: (percentile) =>
      `Este error es mayor que el ${Math.round(percentile)}% de los errores de este modelo con los dígitos de prueba: para él, un dibujo raro.`,
    usual: (percentile) =>
      `Este error es mayor que el ${Math.round(percentile)}% de los errores de este modelo con los dígitos de prueba: para él, un dibujo normal.`,
    smallest: () => "Este error es menor que el de este modelo con cualquier dígito de prueba.",
  },
  /**
   * The same of the bits of its codes.
   * @type {Record<import("../core/usage.js").Familiarity, (percentile: number) => string>}
   */
  familiarityOfBits: {
    largest: () =>
      "Estos códigos sorprenden al prior más que los de cualquier dígito de prueba: no ha visto nada como este dibujo.",
    tail: () =>
      "Estos códigos sorprenden al prior más que los del 99% de los dígitos de prueba: no ha visto nada como este dibujo.",
    unusual: (percentile) =>
      `Estos códigos sorprenden al prior más que los del ${Math.round(percentile)}% de los dígitos de prueba: para él, un dibujo raro.`,
    usual: (percentile) =>
      `Estos códigos sorprenden al prior más que los del ${Math.round(percentile)}% de los dígitos de prueba: para él, un dibujo normal.`,
    smallest: () => "Estos códigos sorprenden al prior menos que los de cualquier dígito de prueba.",
  },
  unscored: "Lo raros que son estos códigos para el prior se calcula cuando dejas de dibujar.",
  excessExplained:
    "El prior es una segunda red que ha aprendido qué códigos van juntos. Su sorpresa es el número de bits de los códigos, " +
    "menos los bits que ocuparían solo por sus frecuencias. Los dígitos de prueba son 10 000 que no se usaron en el entrenamiento.",
  /** @param {number} auroc */
  separationOfBits: (auroc) =>
    "Medido para este prior: entre un dígito de prueba y una imagen de otra cosa, le sorprende más la segunda en el " +
    `${(100 * auroc).toFixed(1)}% de los pares; al azar saldría el 50%.`,
  /** @param {number} error of the model on the test digits */
  familiarityOfBlack: (error) =>
    `Este modelo lo dibuja todo negro: su error con los dígitos de prueba es ${error.toFixed(4)}, el de una imagen ` +
    "negra. Por eso este error dice cuánta tinta hay, no lo raro que es el dibujo.",
  /**
   * @param {number} percentile
   * @param {number} error of the model on the test digits
   * @param {number} share of a black picture's error
   */
  familiarityOfCollapsed: (percentile, error, share) =>
    `Este diccionario ha colapsado: el error del modelo con los dígitos de prueba es ${error.toFixed(4)}, el ${Math.round(100 * share)}% del de ` +
    `una imagen negra. El error de este dibujo es mayor que el ${Math.round(percentile)}% de los suyos.`,

  /**
   * @param {import("../core/usage.js").Condition} condition
   * @param {string} title of the model
   */
  option: ({ collapsed, black }, title) =>
    collapsed || black
      ? `${title} (${[collapsed && "colapsado", black && "todo negro"].filter(Boolean).join(", ")})`
      : title,
  /**
   * What is wrong with a model.
   * @param {import("../core/usage.js").Condition} condition
   * @param {number} used
   * @param {number} codes
   * @param {number} perplexity
   */
  condition({ collapsed, black }, used, codes, perplexity) {
    const usage = `Se ${choose(used, "usa", "usan")} ${used} de ${count(codes, "código")}`;
    const sentences = [];
    if (collapsed) {
      sentences.push(used < codes
        ? `${usage}: este diccionario ha colapsado.`
        : `${usage}, con tanta variedad como ${perplexity.toFixed(1)} usados por igual: este diccionario ha colapsado.`);
    }
    if (black) sentences.push("El modelo lo dibuja todo negro.");
    return sentences.join(" ");
  },
  /** @param {number} auroc */
  separation: (auroc) =>
    "Medido para este modelo: entre un dígito de prueba y una imagen de otra cosa, la segunda tiene el error mayor en el " +
    `${(100 * auroc).toFixed(1)}% de los pares. Esta proporción se llama AUROC (${auroc.toFixed(3)}); al azar sale 0.5.`,

  playbackAwaited: "No se pudieron cargar las instantáneas de un entrenamiento. Se cargarán cuando vuelva la conexión.",
  playbackMissing: "No se pudieron cargar las instantáneas de un entrenamiento. Elígelo otra vez para reintentar.",
};

/**
 * What the cards of the shipped models say.
 * @type {Record<string, string | undefined>}
 */
const OF_MODELS = {
  "Explainer paper": "Artículo del Explainer",
  "The model of this page's predecessor, as its paper describes it: strided convolutions, 20 codes of 16 numbers, initialized as small noise and trained with the gradient of the codebook loss.":
    "El modelo de la página que precedió a esta, tal como lo describe su artículo: convoluciones con paso (stride), 20 códigos de 16 números que empiezan como un ruido pequeño y se entrenan con el gradiente de la pérdida del diccionario.",
  "Explainer, codebook frozen": "Explainer, diccionario congelado",
  "The same model with a codebook that is never trained, like the weights published with the paper: the encoder has to adapt to random codes.":
    "El mismo modelo con un diccionario que nunca se entrena, como los pesos publicados con el artículo: el codificador tiene que adaptarse a códigos aleatorios.",
  "The published codes cannot be told from their initial noise: they were never trained.":
    "Los códigos publicados no se distinguen de su ruido inicial: nunca se entrenaron.",
  "Hierarchy, two grids": "Jerarquía, dos rejillas",
  "VQ-VAE-2: a 4×4 grid holds the digit's shape, a 7×7 grid above which it lies adds the detail. A quarter of the digits are trained without the detail.":
    "VQ-VAE-2: una rejilla de 4×4 guarda la forma del dígito y otra de 7×7, debajo de ella, añade el detalle. Una cuarta parte de los dígitos se entrena sin el detalle.",
  "Hierarchy, the paper’s grids": "Jerarquía, rejillas del artículo",
  "VQ-VAE-2 with the paper's proportions: a 7×7 grid over a 14×14 grid. The large grid needs no help, so hardly anything is left to the small one.":
    "VQ-VAE-2 con las proporciones del artículo: una rejilla de 7×7 sobre otra de 14×14. La grande no necesita ayuda, así que a la pequeña apenas le queda nada.",
  "Keras example, 64 codes": "Ejemplo de Keras, 64 códigos",
  "The model of a glossary article's Keras example: strided convolutions, 64 codes of 16 numbers, and a linear output.":
    "El modelo del ejemplo con Keras de un artículo de glosario: convoluciones con paso (stride), 64 códigos de 16 números y una salida lineal.",
  "Minimal, 20 codes": "Minimal, 20 códigos",
  "Encoder and decoder of the article “Minimal VQ-VAE in PyTorch”, with 20 codes of 256 numbers that start as noise.":
    "Codificador y decodificador del artículo «Minimal VQ-VAE in PyTorch», con 20 códigos de 256 números que empiezan como ruido.",
  "Only 12 of 20 codes were used, and every picture collapsed to black.":
    "Solo se usaron 12 de los 20 códigos, y todas las imágenes acabaron en negro.",
  "Minimal, 30 codes": "Minimal, 30 códigos",
  "Encoder and decoder of the article “Minimal VQ-VAE in PyTorch”, with 30 codes of 256 numbers that start as noise.":
    "Codificador y decodificador del artículo «Minimal VQ-VAE in PyTorch», con 30 códigos de 256 números que empiezan como ruido.",
  "Minimal, 40 codes": "Minimal, 40 códigos",
  "Encoder and decoder of the article “Minimal VQ-VAE in PyTorch”, with 40 codes of 256 numbers that start as noise.":
    "Codificador y decodificador del artículo «Minimal VQ-VAE in PyTorch», con 40 códigos de 256 números que empiezan como ruido.",
  "All 40 codes were used.": "Se usaron los 40 códigos.",
  "Minimal, 512 codes": "Minimal, 512 códigos",
  "Encoder and decoder of the article “Minimal VQ-VAE in PyTorch”, with 512 codes of 256 numbers that start as noise.":
    "Codificador y decodificador del artículo «Minimal VQ-VAE in PyTorch», con 512 códigos de 256 números que empiezan como ruido.",
  "About 54% of 512 codes were used.": "Se usó cerca del 54% de los 512 códigos.",
  "Minimal, 512 codes, revived": "Minimal, 512 códigos reactivados",
  "The model of minimal-512 with two changes: the codes start as outputs of the encoder, not as noise, and codes that are hardly ever chosen are replaced by outputs of the encoder during training.":
    "El modelo de minimal-512 con dos cambios: los códigos empiezan como salidas del codificador, no como ruido, y los que casi nunca se eligen se sustituyen durante el entrenamiento por salidas del codificador.",
  "MLP, one code a digit": "MLP, un código por dígito",
  "A small fully connected network that encodes a whole digit as one of 512 codes.":
    "Una pequeña red de capas densas que codifica un dígito entero como uno de 512 códigos.",
  "Residual, 20 codes": "Residual, 20 códigos",
  "The VQ-VAE paper's residual encoder and decoder at the explainer paper's size: 20 codes of 16 numbers on a 7×7 grid, learned by exponential moving averages.":
    "El codificador y el decodificador residuales del artículo del VQ-VAE con el tamaño del artículo del Explainer: 20 códigos de 16 números en una rejilla de 7×7, aprendidos con medias móviles exponenciales.",
};

export const backend = {
  connecting: "Conectando con el servidor.",
  live: "El servidor responde a cada trazo.",
  full: "El servidor ya atiende a todos los visitantes que puede. Tu dibujo se conserva; la página lo intenta otra vez por sí sola.",
  offline: "No se puede conectar con el servidor. Tu dibujo se conserva; la página se reconecta por sí sola.",
  replyUnreadable: "No se pudo leer una respuesta del servidor.",

  /**
   * What is said of an error of the stream, by its code; an unknown code says what the server says.
   * @type {Record<string, string | undefined>}
   */
  errors: {
    internal: "El servidor falló al atender una petición. Su registro dice por qué.",
    invalid: "El servidor rechazó una petición de esta página. Recarga la página para obtener su versión actual.",
    unknown_model: "El servidor ya no tiene este modelo. Elige otro.",
    unknown_type: "El servidor no conoce este tipo de petición. Recarga la página para obtener su versión actual.",
  },

  /**
   * @param {string} name
   * @param {string} shown title of the model that is shown instead
   */
  noModel: (name, shown) => `Aquí no hay ningún modelo llamado «${name}»; este es ${shown}.`,
  /** @param {string} text title, description or claim of a model, in English */
  ofModel: (text) => OF_MODELS[text] ?? text,
  modelMissing: "No se pudo cargar el modelo. La página lo intenta otra vez cuando vuelva la conexión.",
  /**
   * @param {string} wanted title of the model that was chosen
   * @param {string} shown title of the one that is shown
   */
  modelKept: (wanted, shown) => `No se pudo cargar ${wanted}. Se mantiene ${shown}.`,
};

/** What the backend says where the model runs in the page. */
export const inPage = {
  connecting: "El modelo se está cargando en esta página.",
  live: "El modelo funciona en esta página y responde a cada trazo.",
  offline: "No se pudo cargar el modelo en esta página. Tu dibujo se conserva; la página lo intenta otra vez por sí sola.",
  /** @param {string} reason */
  failed: (reason) => `El modelo falló al atender una petición (${reason}). Recarga la página para iniciarlo de nuevo.`,
  /** @param {string} title */
  unusable: (title) =>
    `El modelo ${title} no se puede usar en esta página: el kernel de la página no calcula lo mismo que PyTorch. Elige otro.`,
};
