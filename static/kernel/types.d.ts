/** Shapes shared by the kernel's modules. Read by `deno check` only; never loaded by the browser. */

/**
 * A matrix in the memory that `multiply` works on: `rows` rows of `stride` floats, of which the first `columns` are used
 * and the others are 0.
 */
export interface Matrix {
  rows: number;
  columns: number;
  stride: number;
  /** Where it begins, in floats. */
  at: number;
  /** Empty until the memory is there. */
  data: Float32Array;
}

/** Numbers on a grid, channels last: row i·width + j of `values` holds the channels of cell (i, j). */
export interface Volume {
  height: number;
  width: number;
  channels: number;
  values: Matrix;
  /** Of the loss by the values; without rows in a network that only runs forward. */
  gradient: Matrix;
}

/** C = A · Bᵀ for A (rows × depth), B (columns × depth) and C (rows × columns), whose strides are multiples of 4. */
export type Multiply = (a: Matrix, b: Matrix, c: Matrix) => void;

/** The memory of one network, filled with 0, and the matrix product in it. */
export interface Memory { buffer: ArrayBuffer; multiply: Multiply }

export interface Math {
  simd: boolean;
  createMemory(floats: number): Memory;
}

/** One step of a network: computes its output's values from its input's, and its input's gradient from its output's. */
export interface Operation { forward(): void; backward(): void }

/** What the kernel reads of a model's configuration, which is saved beside its weights. */
export interface Config {
  architecture: string;
  output: string;
  residual_blocks: number;
  bottom_size: number;
  reconstruction_weight: number;
  beta: number;
  codebook: string;
}

export type Tensor = import("../core/types.d.ts").Tensor;
export type Variant = import("../core/types.d.ts").Variant;
export type Loss = import("../core/types.d.ts").Loss;

/** A grid of codes (H, W). */
export type Codes = number[][];

/** The codes of each level, where null stands for zeros in the place of the embeddings of one of two levels. */
export interface Grids { indices: Codes | null; "indices.top"?: Codes | null }

/** A stage of the level "top" is named as the main level's, with ".top" behind it. */
export interface KernelTrace {
  /** (H, W, D) */
  features: Tensor;
  /** (H·W, K), squared */
  distances: Tensor;
  indices: Codes;
  /** (H, W, D) */
  quantized: Tensor;
  "features.top"?: Tensor;
  "distances.top"?: Tensor;
  "indices.top"?: Codes;
  "quantized.top"?: Tensor;
  /** (28, 28), in [0, 1] */
  reconstruction: Tensor;
  /** Not weighted, except the total; sums over levels. */
  losses: { reconstruction: number; codebook: number; commitment: number; total: number };
}

export interface KernelGradients {
  /** (H, W, D), of the reconstruction loss. */
  quantized: Tensor;
  /** (H, W, D) each */
  features: Record<Loss, Tensor>;
  /** (K, D) each */
  embeddings: Record<Loss, Tensor>;
  "quantized.top"?: Tensor;
  "features.top"?: Record<Loss, Tensor>;
  "embeddings.top"?: Record<Loss, Tensor>;
}

export interface Model {
  trace(pixels: Uint8Array, variant?: Variant): KernelTrace;
  decode(codes: Grids): Tensor;
  gradients(pixels: Uint8Array, straightThrough?: boolean): KernelGradients;
}

/** What the kernel reads of a prior's configuration, which is saved beside its weights. */
export interface PriorConfig {
  architecture: string;
  height: number;
  width: number;
  /** Rows and columns of the coarser levels, if there are any. */
  coarse?: Record<string, [number, number]>;
  num_embeddings: number;
  /** Cells whose input has the class: the first (the default), or all. */
  class_inputs?: "first" | "all";
  channels: number;
  layers: number;
  heads: number;
}

/** Predicts the codes of one picture, cell by cell. */
export interface Prior {
  config: PriorConfig;
  /** Begins a picture of a class, 0 to 9. */
  start(digit: number): void;
  /**
   * The logits (K,) of the cells from the last one predicted up to `stop`. The codes before the last of these cells
   * must be known.
   */
  predict(codes: ArrayLike<number>, stop: number): Float32Array[];
}

/** What to sample; see docs/protocol.md. */
export interface SampleSettings {
  /** The class; null draws it too. */
  digit: number | null;
  temperature: number;
  top_k: number | null;
  seed: number;
  /** (T,): codes to keep, null for those that are sampled. */
  given: (number | null)[];
}

export interface Sample {
  digit: number;
  /** (T,) */
  codes: number[];
  /** (T·K,): what each cell's code is sampled from. */
  probabilities: Float32Array;
  /** (T,): −log2 p(code | codes before it, class), at temperature 1. */
  bits: Float32Array;
}

/** Bits of codes. The class is not given: p is the mean over the ten classes. */
export interface Score {
  /** (T,): −log2 p(code | codes before it). */
  bits: Float32Array;
  /** (10,): −log2 p(codes | class). */
  class_bits: number[];
  /** −log2 p(codes). */
  total: number;
  /** Bits of the codes if each had its mean frequency in the training digits. */
  unigram_bits: number;
}
