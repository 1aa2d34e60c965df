/** The students' weights as `sharpcli train export --to webgpu` writes them. */

export const MAGIC = "SHRP";
export const VERSION = 1;

/** What a file says of itself, as JSON before the tensors. */
export interface Header {
  /** As the ONNX file's stem: `student-live-deblur-int8`. */
  name: string;
  /** `student`; other kinds of network have a reader of their own. */
  kind: "student" | "estimator";
  enhancer: string;
  profile: string;
  precision: "fp32" | "fp16" | "int8";
  channels: number;
  /** Convolutions between the first and the last. */
  layers: number;
  /** How far in pixels one output pixel looks. */
  receptiveRadius: number;
  kmacPerPixel: number;
  /** Length of the degradation vector; 0 where the network takes none. */
  conditioned: number;
  /** Of the ONNX file that it came from. */
  sha256: string;
  /** The card's scores, as they are there. */
  scores: Record<string, unknown>;
  tensors: Tensor[];
}

/** A tensor's place in the bytes after the header, in the platform-independent order little-endian. */
export interface Tensor {
  name: string;
  dtype: "f32" | "f16" | "i8";
  shape: number[];
  offset: number;
}

/** One 3x3 convolution at half resolution, with zeros beyond the edges. */
export interface Convolution {
  inputs: number;
  outputs: number;
  /** outputs x inputs x 3 x 3. For INT8 the whole numbers times `rows`, so that every backend can compute in float. */
  weight: Float32Array;
  bias: Float32Array;
  relu: boolean;
  /** INT8 only: the rounding step of its inputs (levels 0 to 255), the whole weights, and what each output's count for. */
  rounding?: { step: number; whole: Int8Array; rows: Float32Array };
}

/** A network as its file has it: a student that is told a degradation vector becomes a `Stack` by `fold`. */
export interface Network {
  header: Header;
  convolutions: Convolution[];
  /** ReLU between them; from the vector to the biases and, less one, the scales of each convolution but the last. */
  mlp: Dense[];
}

/** A fully connected layer; `weight` is outputs x inputs. */
export interface Dense {
  inputs: number;
  outputs: number;
  weight: Float32Array;
  bias: Float32Array;
}

/**
 * A stack that follows no vector any more: pixel-unshuffle (channel = 2 * row + column of the 2x2 block), convolutions,
 * pixel-shuffle; its output is what is added to luma in [0, 1].
 */
export interface Stack {
  name: string;
  channels: number;
  receptiveRadius: number;
  kmacPerPixel: number;
  /** Rows and columns mirrored around an image before it is run (and cut off afterwards); 0 for plain networks. */
  margin: number;
  convolutions: Convolution[];
}
