/** Shapes shared by the page's modules. Read by `deno check` only; never loaded by the browser. */

/** A stage id: the same word in the Python trace, the JSON, `data-stage` and the CSS (see DESIGN.md). */
export type Stage =
  | "input" | "features" | "feature_vectors" | "embeddings" | "distances"
  | "indices" | "quantized_vectors" | "quantized" | "reconstruction";

/** [row, column] of the grid of features. */
export type Cell = [number, number];

/** A point of a stroke in units of ink pixels, (0, 0) the top left corner of the picture. */
export type Point = [number, number];

/** One thing the visitor did to the drawing. A clear is kept as a step so that undo can bring the drawing back. */
export type Step =
  | { kind: "stroke"; points: Point[]; radius: number; erase: boolean }
  | { kind: "clear" };

export interface Selection {
  cell: Cell | null;
  /** Only when an embedding itself is pointed at; a cell's code is looked up in the trace, which moves under it. */
  code: number | null;
  stage: Stage;
}

/** A tensor as it comes over the stream: value = offset + scale × uint16, little-endian, row-major, base64. */
export interface Packed { shape: number[]; offset: number; scale: number; data: string }

export interface Tensor { shape: number[]; data: Float32Array }

export interface Trace {
  seq: number;
  model: string;
  indices: number[][];
  losses: { reconstruction: number; codebook: number; commitment: number };
  serverMs: number;
  features?: Tensor;
  distances?: Tensor;
  quantized?: Tensor;
  reconstruction?: Tensor;
  /** The picture this trace was made from, so that differences never mix two drawings. */
  pixels: Uint8Array | null;
}

/** [top, left, bottom, right] in pixels, bottom and right exclusive. */
export type Box = [number, number, number, number];

export interface Palette {
  /** CSS colour of each code. */
  fill: string[];
  /** Black or white, whichever reads better on `fill`. */
  ink: string[];
  /** 256 steps from dark to light in each code's hue, packed for a Uint32 view of ImageData. */
  ramps: Uint32Array[];
}

export interface Model {
  name: string;
  title: string;
  description: string;
  config: Record<string, unknown>;
  stages: Record<Stage, number[]>;
  embeddings: number[][];
  code_order: number[];
  fields: { share: number; reads: Box[][]; writes: Box[][] };
  metrics: Record<string, number> & { code_usage?: number[] };
  palette: Palette;
  /** One grey scale for features and embeddings alike: the values black and white stand for. */
  scale: { low: number; high: number };
}

export type Connection = "connecting" | "live" | "offline";

/** How the model's picture was made from the pad's: given = pad × scale + (dx, dy). */
export interface Placement { scale: number; dx: number; dy: number }

export interface Notice { text: string; kind: "info" | "problem" }

export interface State {
  steps: Step[];
  /** What is on the pad, 0 to 255. */
  drawing: Uint8Array;
  /** What the model is given, 0 to 255. */
  pixels: Uint8Array;
  placement: Placement;
  centre: boolean;
  brush: number;
  tool: "draw" | "erase";
  theme: "dark" | "light" | "system";
  difference: boolean;
  channel: number;
  model: Model | null;
  trace: Trace | null;
  selection: Selection | null;
  pinned: boolean;
  connection: Connection;
  /** Why the connection is as it is, in words. */
  connectionDetail: string;
  notice: Notice | null;
  /** Counts changes of size, so that views repaint and paths are measured again. */
  layout: number;
}

export type Key = keyof State;

export interface Store {
  get<K extends Key>(key: K): State[K];
  set<K extends Key>(key: K, value: State[K]): void;
  subscribe(listener: (changed: Set<Key>) => void): () => void;
}

export interface View {
  /** Reads the page's layout, before any view writes to it in this frame. */
  read?(changed: Set<Key>): void;
  update(changed: Set<Key>): void;
  destroy(): void;
}
