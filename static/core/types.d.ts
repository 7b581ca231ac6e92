/** Shapes shared by the page's modules. Read by `deno check` only; never loaded by the browser. */

/** A stage id: the same word in the Python trace, the JSON, `data-stage` and the CSS (see DESIGN.md). */
export type Stage =
  | "input" | "features" | "feature_vectors" | "embeddings" | "distances"
  | "indices" | "quantized_vectors" | "quantized" | "reconstruction";

/** A term of the loss. Lines of code are linked to the losses by these names with `_loss` behind them. */
export type Loss = "reconstruction" | "codebook" | "commitment";

/** What lines of code, matrices and equations can have in common. */
export type Linked = Stage | `${Loss}_loss` | "total_loss";

/** How a drawing is traced: as the model does it, without its quantizer, or with a mistake that others have made. */
export type Variant = "normal" | "bypass" | "wrong-reshape";

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
  /**
   * Only when an embedding itself is pointed at, alone or with a cell (a distance); a cell's own code is looked up in
   * the trace, which moves under it.
   */
  code: number | null;
  /** Where it was pointed at. With neither cell nor code, the stage as a whole. */
  stage: Linked;
}

/** One number of a matrix, as the matrix is drawn. */
export interface Entry { stage: Stage; row: number; column: number }

/** A tensor as it comes over the stream: value = offset + scale × uint16, little-endian, row-major, base64. */
export interface Packed { shape: number[]; offset: number; scale: number; data: string }

export interface Tensor { shape: number[]; data: Float32Array }

export interface Trace {
  seq: number;
  model: string;
  variant: Variant;
  indices: number[][];
  losses: { reconstruction: number; codebook: number; commitment: number };
  serverMs: number;
  /** From the question to the answer, the network's way included. */
  roundTripMs: number;
  features?: Tensor;
  distances?: Tensor;
  quantized?: Tensor;
  reconstruction?: Tensor;
  /** The picture this trace was made from, so that differences never mix two drawings. */
  pixels: Uint8Array | null;
}

/** What each term of the loss pulls at, for one drawing. */
export interface Gradients {
  straightThrough: boolean;
  quantized: Tensor;
  features: Record<Loss, Tensor>;
  embeddings: Record<Loss, Tensor>;
  pixels: Uint8Array;
}

/** A line of the running model's source. */
export interface Line {
  /** In its file, from 1. */
  number: number;
  /** [short token class of Pygments, text] */
  tokens: [string, string][];
  /** What the statement on this line gives a value. */
  stages: Linked[];
  /** Of the tensor that a statement ending on this line makes, without the batch; [] is a scalar. */
  shape: number[] | null;
}

export interface Listing { id: string; title: string; file: string; lines: Line[] }

/** [top, left, bottom, right] in pixels, bottom and right exclusive. */
export type Box = [number, number, number, number];

export interface Palette {
  /** CSS colour of each code. */
  fill: string[];
  /** The same, for a Uint32 view of ImageData. */
  packed: number[];
  /** Black or white, whichever reads better on `fill`. */
  ink: string[];
  /** 256 steps from dark to light in each code's hue, packed for a Uint32 view of ImageData. */
  ramps: Uint32Array[];
}

/** What was measured on the test digits. Cards of earlier versions lack some of it. */
export interface Figures {
  test_mse: number;
  codes_used: number;
  perplexity: number;
  bits_per_image: number;
  compression_ratio: number;
  parameters?: number;
  auroc?: number;
  /** Share of all cells that chose each code. */
  code_usage?: number[];
  /** The same among cells whose own patch of the picture holds ink. */
  code_usage_inked?: number[];
  /** Percentiles 0 to 100 of the errors of single test digits. */
  error_percentiles?: number[];
}

/** What the list of models says of one. */
export interface ModelSummary {
  name: string;
  title: string;
  description: string;
  /** The text that describes such a model, and what it says came out. */
  reference?: string;
  claim?: string;
  grid?: [number, number];
  num_embeddings?: number;
  embedding_dim?: number;
  /** Whether there are snapshots of its training. */
  playback?: boolean;
  metrics: Figures;
}

export interface Model extends ModelSummary {
  config: Record<string, unknown>;
  stages: Record<Stage, number[]>;
  convolutional: boolean;
  embeddings: number[][];
  code_order: number[];
  fields: { share: number; reads: Box[][]; writes: Box[][] };
  /** What the decoder makes of each code amid a blank page's. */
  code_pictures: Packed;
  listings: Listing[];
  /** The codebook's two principal axes, and the shares of its variance along them. */
  projection: { mean: number[]; axes: [number[], number[]]; shares: [number, number] };
  palette: Palette;
  /** One grey scale for features and embeddings alike: the values black and white stand for. */
  scale: { low: number; high: number };
}

/** A training run at one step, on a fixed sample of digits. */
export interface Snapshot {
  step: number;
  epoch: number;
  losses: Record<Loss, number>;
  perplexity: number;
  codes_used: number;
  usage: number[];
  /** On the principal axes of the final codebook. */
  positions: Point[];
  features: Point[];
  /** Base64 of 28×28 bytes for each authored digit. */
  reconstructions: string;
}

export interface Playback {
  name: string;
  total_steps: number;
  digits: number[];
  /** Base64 of 28×28 bytes for each authored digit. */
  originals: string;
  snapshots: Snapshot[];
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
  /** Whether the quantizer is opened into its steps. */
  details: boolean;
  /** Whether the sections below are open: the comparison of models, the codebook's health, the playback of training. */
  zoo: boolean;
  health: boolean;
  playback: boolean;
  /** Whether health counts only cells whose patch of the picture holds ink. */
  inked: boolean;
  /** The training runs that have been fetched, by their models; those shown; where they are from 0 to 1. */
  playbacks: Record<string, Playback>;
  runs: string[];
  playhead: number;
  playing: boolean;
  /** What black and white stand for in the matrices. */
  scaling: "row" | "shared";
  meter: boolean;
  /** The listing that is shown, by its id. */
  listing: string;
  /** The models that can be chosen; empty until the server has told them. */
  models: ModelSummary[];
  /** The chosen model; empty for the server's default. */
  modelName: string;
  model: Model | null;
  trace: Trace | null;
  selection: Selection | null;
  pinned: boolean;
  /** The number that is pointed at, whatever is pinned. */
  entry: Entry | null;
  variant: Variant;
  /** The same drawing as the model does it, kept while another variant is shown. */
  reference: Trace | null;
  /** Whether cells of the index grid take the brush's code. */
  editing: boolean;
  brushCode: number | null;
  /** The grid of indices as the visitor changed it. */
  edited: number[][] | null;
  editedReconstruction: Tensor | null;
  /** Whether a backward pass is asked for, and whether it has the straight-through line. */
  backward: boolean;
  straightThrough: boolean;
  gradients: Gradients | null;
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
  /** Tells what has changed now instead of at the next frame; once between two frames, then it waits for the frame. */
  flush(): void;
  subscribe(listener: (changed: Set<Key>) => void): () => void;
}

export interface View {
  /** Reads the page's layout, before any view writes to it in this frame. */
  read?(changed: Set<Key>): void;
  update(changed: Set<Key>): void;
  destroy(): void;
}
