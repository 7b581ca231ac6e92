// @ts-check

/**
 * A tensor H×W×D as a cube: the grid on its front, the channels in depth. The side faces show the values of the outermost
 * row and column, so every face is data. Each face is one small picture, stretched and sheared by the canvas in one call.
 */

/** How far the depth reaches to the right and up, as shares of the front's width and height. */
const DEPTH = { x: 0.27, y: 0.22 };

const LINE_WIDTH = 0.75;

/**
 * Tells the style sheet where the front face lies, so that elements can be laid over it.
 * @param {HTMLElement} host
 */
export function placeFront(host) {
  host.style.setProperty("--front-width", `${100 / (1 + DEPTH.x)}%`);
  host.style.setProperty("--front-height", `${100 / (1 + DEPTH.y)}%`);
  host.style.setProperty("--cube-ratio", `${(1 + DEPTH.x) / (1 + DEPTH.y)}`);
}

/**
 * @param {import("../core/canvas.js").Layer} layer
 * @param {number} share of the channels that is left when front slices are taken off, 0 to 1
 */
export function shape(layer, share) {
  const width = layer.width / (1 + DEPTH.x);
  const height = layer.height / (1 + DEPTH.y);
  return {
    width,
    height,
    top: layer.height - height,
    dx: width * DEPTH.x * share,
    dy: height * DEPTH.y * share,
  };
}

/** @typedef {ReturnType<typeof shape>} Shape */

/**
 * Draws a picture into a parallelogram.
 * @param {CanvasRenderingContext2D} context
 * @param {OffscreenCanvas} picture
 * @param {[number, number]} origin where the picture's top left corner goes
 * @param {[number, number]} along where its width leads
 * @param {[number, number]} down where its height leads
 */
function stretch(context, picture, origin, along, down) {
  const { width, height } = picture;
  context.save();
  context.transform(along[0] / width, along[1] / width, down[0] / height, down[1] / height, origin[0], origin[1]);
  context.drawImage(picture, 0, 0);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Shape} s
 * @param {{ front?: OffscreenCanvas, top: OffscreenCanvas, side: OffscreenCanvas }} faces `top` has a column
 *   for each column of the grid and its last line in front; `side` has a line for each row and its first column in
 *   front
 * @param {{ left: number, top: number, right: number, bottom: number }} [part] of the front, in shares; the whole cube
 *   if left out
 */
export function drawCube(context, s, faces, part = { left: 0, top: 0, right: 1, bottom: 1 }) {
  const left = part.left * s.width;
  const right = part.right * s.width;
  const top = s.top + part.top * s.height;
  const bottom = s.top + part.bottom * s.height;
  stretch(context, faces.top, [left + s.dx, top - s.dy], [right - left, 0], [-s.dx, s.dy]);
  stretch(context, faces.side, [right, top], [s.dx, -s.dy], [0, bottom - top]);
  if (faces.front) stretch(context, faces.front, [left, top], [right - left, 0], [0, bottom - top]);
}

/**
 * The lines between the grid's cells and around the faces.
 * @param {CanvasRenderingContext2D} context
 * @param {Shape} s
 * @param {number} rows
 * @param {number} columns
 */
export function ruleCube(context, s, rows, columns) {
  const path = new Path2D();
  const bottom = s.top + s.height;
  for (let j = 0; j <= columns; j++) {
    const x = (s.width * j) / columns;
    path.moveTo(x, bottom);
    path.lineTo(x, s.top);
    path.lineTo(x + s.dx, s.top - s.dy);
  }
  for (let i = 0; i <= rows; i++) {
    const y = s.top + (s.height * i) / rows;
    path.moveTo(0, y);
    path.lineTo(s.width, y);
    path.lineTo(s.width + s.dx, y - s.dy);
  }
  path.moveTo(s.dx, s.top - s.dy);
  path.lineTo(s.width + s.dx, s.top - s.dy);
  path.lineTo(s.width + s.dx, bottom - s.dy);
  context.lineWidth = LINE_WIDTH;
  context.strokeStyle = "rgb(128 128 128 / 0.55)";
  context.stroke(path);
}
