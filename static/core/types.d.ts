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

/** What the listings can show: a variant of the trace, or a backward pass without the straight-through line. */
export type WhatIf = Exclude<Variant, "normal"> | "no-straight-through";

/** [row, column] of the grid of features. */
export type Cell = [number, number];

/** A point of a stroke in units of ink pixels, (0, 0) the top left corner of the picture. */
export type Point = [number, number];

/**
 * One thing the visitor did. A clear is kept as a step so that undo can bring the drawing back. `codes` is the grid after
 * an edit, null when it shows the codes of the model, named by `model`, again; `levels` are the edited grids of others than
 * the main level.
 */
export type Step =
  | { kind: "stroke"; points: Point[]; radius: number; erase: boolean }
  | { kind: "clear" }
  | { kind: "codes"; codes: number[][] | null; model: string; levels?: Record<string, number[][]> };

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
  /** Of this drawing, computed by the model; the total is what training minimizes. */
  losses: { reconstruction: number; codebook: number; commitment: number; total: number };
  serverMs: number;
  /** From request to reply, network included. */
  roundTripMs: number;
  features?: Tensor;
  distances?: Tensor;
  reconstruction?: Tensor;
  /** The picture this trace was made from, so that differences never mix two drawings. */
  pixels: Uint8Array | null;
  /** The same at levels other than the main one, by their id. */
  levels: Record<string, Trace>;
}

/** Replies of the backend; tensors are there if the request named them. A server packs them. */
export interface TraceReply {
  type: "trace";
  seq: number;
  model: string;
  variant: Variant;
  indices: number[][];
  losses: Trace["losses"];
  server_ms: number;
  features?: Packed | Tensor;
  distances?: Packed | Tensor;
  reconstruction?: Packed | Tensor;
}

export interface DecodeReply { type: "decode"; seq: number; model: string; reconstruction: Packed | Tensor }

export interface BackwardReply {
  type: "backward";
  seq: number;
  model: string;
  straight_through: boolean;
  quantized: Packed | Tensor;
  features: Record<Loss, Packed | Tensor>;
  embeddings: Record<Loss, Packed | Tensor>;
  computed_by: ComputedBy;
}

/** What runs a backward pass: PyTorch or NumPy on the server, or the kernel in the page. */
export type ComputedBy = "pytorch" | "numpy" | "page";

export interface PreviewsReply { type: "previews"; seq: number; model: string; pictures: Packed | Tensor }

/** Codes that the prior sampled, what each was drawn from, and its bits at temperature 1. */
export interface SampleReply {
  type: "sample";
  seq: number;
  model: string;
  digit: number;
  codes: number[][];
  probabilities: Packed | Tensor;
  bits: Packed | Tensor;
}

export interface ScoreReply {
  type: "score";
  seq: number;
  model: string;
  bits: Packed | Tensor;
  class_bits: number[];
  total: number;
  unigram_bits: number;
}

/** Codes as bits of an arithmetic coder, base64 of bytes that the last bits may not fill, and unpacked again. */
export interface CompressReply { type: "compress"; seq: number; model: string; bits: number; data: string; codes: number[][] }

export type Reply =
  | TraceReply | DecodeReply | BackwardReply | PreviewsReply | SampleReply | ScoreReply | CompressReply;

/** Bits of the codes of all levels, without their class: those of each cell given the cells before it. */
export interface Score {
  codes: number[];
  bits: Float32Array;
  /** −log₂ p(codes | class). */
  classBits: number[];
  total: number;
  /** If each code had its mean frequency. */
  unigramBits: number;
}

/** Codes that the prior has sampled and the page shows cell by cell: of all levels, in the prior's order. */
export interface Writing {
  digit: number;
  codes: number[];
  /** Of each code in each cell: (T·K,). */
  probabilities: Float32Array;
  bits: Float32Array;
  /** Cells whose code is settled; those after it are being sampled anew. */
  known: number;
  /** Cells whose code the visitor chose. */
  overruled: number[];
  /** Samples since the grid was begun: each has a seed of its own. */
  draws: number;
}

/** What the decoder draws around a cell for each code in it. */
export interface Previews { row: number; pictures: Tensor }

/** A drawing whose last rows were sampled; the codes of all levels. */
export interface Completion { seed: number; digit: number; codes: number[]; picture: Tensor }

/** A drawing whose surprising codes were sampled anew: which of its cells, those of all levels counted. */
export interface Restored { digit: number; codes: number[]; replaced: number[]; picture: Tensor }

/** Models of the codes, from knowing nothing to the prior. */
export type StripKind = "uniform" | "unigram" | "position" | "prior";

export type Strips = Partial<Record<StripKind, Tensor[]>>;

export interface FileSizes { png: number; gzip: number }

/** Codes, the bits that they were packed into ("0" and "1"), and whether unpacking gave the same codes. */
export interface PackedCodes { codes: number[]; bits: string; exact: boolean }

/** The card of a model's prior. */
export interface Prior {
  metrics: {
    bits_given_class: number;
    bits: number;
    bits_unigram: number;
    bits_position: number;
    bits_uniform: number;
    class_accuracy: number;
    parameters: number;
  };
  /** For each level, coarse ones first, the share of its cells of the training digits with each code. */
  code_usage: number[];
  /** For each class and cell, the share of its training digits with each code. */
  position_usage: number[][][];
}

/** What each term of the loss pulls at, for one drawing. */
export interface Gradients {
  straightThrough: boolean;
  quantized: Tensor;
  features: Record<Loss, Tensor>;
  embeddings: Record<Loss, Tensor>;
  computedBy: ComputedBy;
  pixels: Uint8Array;
  /** The same at levels other than the main one, by their id. */
  levels: Record<string, Gradients>;
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
  /** The what-ifs in which it does not run. */
  skipped_in: WhatIf[];
}

/** What runs in a what-if below a line of the listing. */
export interface Substitute { what_if: WhatIf; after: number; file: string; lines: Line[] }

export interface Listing { id: string; title: string; file: string; lines: Line[]; substitutes: Substitute[] }

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

/** What was measured on the test digits, in single numbers. */
export interface SummaryMetrics {
  test_mse: number;
  codes_used: number;
  perplexity: number;
  bits_per_image: number;
  compression_ratio: number;
  parameters: number;
  auroc: number;
}

export interface Metrics extends SummaryMetrics {
  /** Share of all cells that chose each code. */
  code_usage: number[];
  /** The same among cells whose own patch of the picture holds ink. */
  code_usage_inked: number[];
  /** Percentiles 0 to 100 of the errors of single test digits. */
  error_percentiles: number[];
  /** Of levels other than the main one; missing without such. */
  levels?: Record<string, Pick<Metrics, "codes_used" | "perplexity" | "code_usage" | "code_usage_inked">>;
  /** Mean squared errors of what each level of a hierarchical model holds. */
  hierarchy?: { top_alone_mse: number; bottom_alone_mse: number; top_shuffled_mse: number };
}

/** An entry of the list of models. */
export interface ModelSummary {
  name: string;
  title: string;
  description: string;
  /** The text that describes such a model, and the outcome it claims; empty if it claims none. */
  reference: string;
  claim: string;
  /** Rows and columns. */
  grid: [number, number];
  num_embeddings: number;
  embedding_dim: number;
  /** Whether there are snapshots of its training. */
  playback: boolean;
  /** Whether there is a prior over its codes. */
  prior: boolean;
  metrics: SummaryMetrics;
  /** Levels other than the main one, by their id; missing without such. */
  other_levels?: Record<string, { grid: [number, number]; codes_used: number; perplexity: number }>;
}

/** What the backend says of a model. */
export interface ModelDetail extends ModelSummary {
  metrics: Metrics;
  config: Record<string, unknown>;
  stages: Record<Stage, number[]>;
  convolutional: boolean;
  embeddings: number[][];
  code_order: number[];
  fields: { share: number; reads: Box[][]; writes: Box[][] };
  /** What the decoder makes of each code in the middle of a blank page. */
  code_pictures: Packed;
  listings: Listing[];
  /** Levels other than the main one, by their id; missing without such. */
  levels?: Record<string, LevelDetail>;
  /** The codebook's two principal axes, and the shares of its variance along them. */
  projection: { mean: number[]; axes: [number[], number[]]; shares: [number, number] };
  /** Of its prior, if there is one. */
  prior_metrics: { auroc_excess: number; excess_percentiles: number[] } | null;
}

/** What a level other than the main one has of its own. */
export type LevelDetail =
  Pick<ModelDetail, "embeddings" | "code_order" | "projection" | "fields" | "code_pictures" | "listings">;

/** A model as the page uses it. */
export interface Model extends Omit<ModelDetail, "grid" | "levels"> {
  grid: import("./grid.js").Grid;
  /** Cells of all levels, each of which picks a code. */
  picks: number;
  /** The model as its other levels have it, by their id. */
  levels: Record<string, Model>;
  palette: Palette;
  /** One grey scale for features and embeddings alike: the values black and white stand for. */
  scale: { low: number; high: number };
}

/** How the codes of a level were used. */
export interface LevelUsage {
  perplexity: number;
  codes_used: number;
  usage: number[];
}

/** A training run at one step, on a fixed sample of digits. */
export interface Snapshot extends LevelUsage {
  step: number;
  epoch: number;
  losses: Record<Loss, number>;
  /** Of the levels other than the main one, by their id. */
  levels?: Record<string, LevelUsage>;
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

/** How codes are learned. */
export type Codebook = "ema" | "gradient" | "frozen";

/** A model that is trained in the page. */
export interface Training {
  id: string;
  status: {
    state: "ready" | "waiting" | "starting" | "training" | "measuring" | "finished" | "failed";
    /** Why it finished or failed; see docs/protocol.md. */
    reason: string;
  };
  /** How many others come before it. */
  position: number;
  codes: number;
  codebook: Codebook;
  /** Their features and reconstructions are those of the drawing. */
  snapshots: Snapshot[];
}

export type Connection = "connecting" | "live" | "offline";

/** How the model's picture was made from the pad's: given = pad × scale + (dx, dy). */
export interface Placement { scale: number; dx: number; dy: number }

/** A notice with an action has its button, and stays until it is closed. */
export interface Notice { text: string; kind: "info" | "problem"; action?: "tour" }

export type TourStep = (typeof import("./state.js").TOUR_STEPS)[number];

export type State = import("./state.js").State;

export type DerivedKey = keyof typeof import("./derived.js").DERIVED;

/** A value computed from others; see `derived.js`. */
export interface Derivation<T> {
  from: readonly Dependency[];
  compute(...inputs: never[]): T;
}

export type Dependency = keyof State | Derivation<unknown>;

type ValueOf<D> = D extends keyof State ? State[D] : D extends Derivation<infer T> ? T : never;

export type ValuesOf<D extends readonly Dependency[]> = { -readonly [N in keyof D]: ValueOf<D[N]> };

/** Everything that can be read from the store. */
export type Values = State & { [K in DerivedKey]: ValueOf<typeof import("./derived.js").DERIVED[K]> };

export type Key = keyof Values;

export interface Store {
  get<K extends Key>(key: K): Values[K];
  set<K extends keyof State>(key: K, value: State[K]): void;
  assign(values: Partial<State>): void;
  /** Notifies subscribers now instead of at the next frame; once between two frames, then changes wait for the frame. */
  flush(): void;
  /** Notifies subscribers now, as if every key had changed. */
  refresh(): void;
  /** Whether subscribers have heard of every change. */
  isIdle(): boolean;
  /** Returns a function that ends the subscription. */
  subscribe(listener: (changed: Set<Key>) => void): () => void;
}

/** Something that follows the state. See `views.js` for when it is called. */
export interface View {
  /**
   * Whether it shows texts, which are read rather than watched: while the pen moves it is updated ten times a second, since
   * new text costs the page a layout.
   */
  throttled?: boolean;
  /** Measures the page's layout. All views measure before any view writes to the page in this frame. */
  read?(changed: Set<Key>): void;
  update(changed: Set<Key>): void;
  /** Whether no part of it has still to catch up. */
  isIdle?(): boolean;
}
