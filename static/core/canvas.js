// @ts-check

/**
 * A canvas that follows its element's size and the screen's pixel density. It counts its paints, so that tests can check
 * that pointing at things repaints no data.
 * @param {HTMLCanvasElement} canvas sized by CSS
 * @param {import("./types.d.ts").Store} store whose `layout` counts changes of size
 */
export function createLayer(canvas, store) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const layer = { canvas, context, width: 0, height: 0, ratio: 1, paint };
  canvas.dataset.paints = "0";

  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry.contentRect;
    const ratio = globalThis.devicePixelRatio || 1;
    if (width === layer.width && height === layer.height && ratio === layer.ratio) return;
    Object.assign(layer, { width, height, ratio });
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    store.set("layout", store.get("layout") + 1);
  });
  observer.observe(canvas);

  /**
   * Clears the canvas and draws on it in CSS pixels; does nothing while it has no size.
   * @param {(context: CanvasRenderingContext2D) => void} draw
   */
  function paint(draw) {
    if (!layer.width || !layer.height) return;
    context.setTransform(layer.ratio, 0, 0, layer.ratio, 0, 0);
    context.clearRect(0, 0, layer.width, layer.height);
    context.imageSmoothingEnabled = false;
    draw(context);
    countPaint(canvas);
  }

  return layer;
}

/** @typedef {ReturnType<typeof createLayer>} Layer */

/** @param {HTMLCanvasElement} canvas */
function countPaint(canvas) {
  canvas.dataset.paints = String(Number(canvas.dataset.paints) + 1);
}

/**
 * A picture with a pixel for each number, to be drawn enlarged: one call, however many numbers there are.
 * @template {HTMLCanvasElement | OffscreenCanvas} [T=OffscreenCanvas]
 * @param {T} [canvas] one off the page if left out
 */
export function createPicture(canvas = /** @type {any} */ (new OffscreenCanvas(1, 1))) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {ImageData} */
  let image = context.createImageData(1, 1);
  let pixels = new Uint32Array(image.data.buffer);

  return {
    canvas,
    /**
     * @param {number} width
     * @param {number} height
     * @param {(x: number, y: number) => number} color packed colour of a pixel
     * @returns {T}
     */
    fill(width, height, color) {
      if (image.width !== width || image.height !== height) {
        canvas.width = width;
        canvas.height = height;
        image = context.createImageData(width, height);
        pixels = new Uint32Array(image.data.buffer);
      }
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) pixels[y * width + x] = color(x, y);
      }
      context.putImageData(image, 0, 0);
      return canvas;
    },
  };
}

/**
 * A picture on the page with a pixel for each number, enlarged by the style sheet. It counts its paints like a layer.
 * @param {HTMLCanvasElement} canvas
 */
export function createShownPicture(canvas) {
  const picture = createPicture(canvas);
  canvas.dataset.paints = "0";
  return {
    /** @type {(width: number, height: number, color: (x: number, y: number) => number) => void} */
    paint(width, height, color) {
      picture.fill(width, height, color);
      countPaint(canvas);
    },
  };
}

/**
 * A picture that does not change, as an image. Browsers composite every canvas again in each frame, which for twenty small
 * ones took longer than all drawing; an image is painted once.
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number} color packed colour of a pixel
 * @param {string} className
 * @returns {HTMLImageElement}
 */
export function createStill(width, height, color, className) {
  const image = new Image(width, height);
  image.alt = "";
  image.decoding = "sync";
  image.className = className;
  image.src = createPicture(document.createElement("canvas")).fill(width, height, color).toDataURL();
  return image;
}
