/** Reads the files that `sharpcli train export --to webgpu` writes. */

import { type Convolution, type Dense, type Header, MAGIC, type Network, type Tensor, VERSION } from "./network";

/** Magic, version and the header's length. */
const PREFIX = 12;
const SIZES = { f32: 4, f16: 2, i8: 1 };

/** All numbers of a file, by name: those of `f16` as the floats that they stand for. */
export interface Tensors {
  header: Header;
  floats(name: string): Float32Array;
  whole(name: string): Int8Array;
  has(name: string): boolean;
  shape(name: string): number[];
}

/** The network of a student's file; throws an Error with a plain sentence for anything else. */
export function readNetwork(file: ArrayBuffer): Network {
  const tensors = readTensors(file);
  const { header } = tensors;
  if (header.kind !== "student") throw new Error(`${header.name} is not a student.`);
  const convolutions = Array.from({ length: header.layers + 2 }, (_, index) => convolution(tensors, index));
  const mlp: Dense[] = [];
  while (tensors.has(`mlp${mlp.length}.weight`)) mlp.push(dense(tensors, mlp.length));
  if (!(fits(convolutions, 4, 4) && (!mlp.length || fits(mlp, header.conditioned, mlp[mlp.length - 1].outputs)))) {
    throw damaged();
  }
  return { header, convolutions, mlp };
}

/** Header and tensors of any file; throws an Error with a plain sentence where it is damaged. */
export function readTensors(file: ArrayBuffer): Tensors {
  const { header, payload } = opened(file);
  const places = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  for (const tensor of header.tensors) {
    const end = payload + tensor.offset + count(tensor) * SIZES[tensor.dtype];
    if (!(tensor.offset >= 0 && tensor.offset % 8 === 0 && end <= file.byteLength)) throw damaged();
  }
  const place = (name: string): Tensor => {
    const found = places.get(name);
    if (!found) throw damaged();
    return found;
  };
  return {
    header,
    has: (name) => places.has(name),
    shape: (name) => place(name).shape,
    whole(name) {
      const tensor = place(name);
      if (tensor.dtype !== "i8") throw damaged();
      return new Int8Array(file, payload + tensor.offset, count(tensor));
    },
    floats(name) {
      const tensor = place(name);
      const start = payload + tensor.offset;
      if (tensor.dtype === "f32") return new Float32Array(file, start, count(tensor));
      if (tensor.dtype === "f16") return Float32Array.from(new Uint16Array(file, start, count(tensor)), ofHalf);
      return scaled(this.whole(name), this.floats(name.replace(/weight$/, "rows")));
    },
  };
}

function opened(file: ArrayBuffer): { header: Header; payload: number } {
  const bytes = new DataView(file);
  const magic = String.fromCharCode(...new Uint8Array(file, 0, Math.min(4, file.byteLength)));
  if (file.byteLength < PREFIX || magic !== MAGIC) throw new Error("This file is not a network of sharpcli.");
  const version = bytes.getUint32(4, true);
  if (version !== VERSION) throw new Error(`This network has format ${version}, this page reads ${VERSION}; reload it.`);
  const payload = PREFIX + bytes.getUint32(8, true);
  if (payload > file.byteLength || payload % 8) throw damaged();
  try {
    const text = new TextDecoder().decode(new Uint8Array(file, PREFIX, payload - PREFIX));
    const header = JSON.parse(text) as Header;
    if (Array.isArray(header.tensors) && header.tensors.every(known)) return { header, payload };
  } catch {
    // Said below: that it is no JSON helps nobody.
  }
  throw damaged();
}

function convolution(tensors: Tensors, index: number): Convolution {
  const name = `conv${index}`;
  const [outputs, inputs] = tensors.shape(`${name}.weight`);
  const plain = {
    inputs,
    outputs,
    weight: tensors.floats(`${name}.weight`),
    bias: tensors.floats(`${name}.bias`),
    relu: index <= tensors.header.layers,
  };
  if (!tensors.has(`${name}.step`)) return plain;
  const [step] = tensors.floats(`${name}.step`);
  const rounding = { step, whole: tensors.whole(`${name}.weight`), rows: tensors.floats(`${name}.rows`) };
  return { ...plain, rounding };
}

function dense(tensors: Tensors, index: number): Dense {
  const [outputs, inputs] = tensors.shape(`mlp${index}.weight`);
  return { inputs, outputs, weight: tensors.floats(`mlp${index}.weight`), bias: tensors.floats(`mlp${index}.bias`) };
}

/** Whether each layer takes what the one before it gives, from so many inputs to so many outputs. */
function fits(layers: (Convolution | Dense)[], inputs: number, outputs: number): boolean {
  return layers.every(
    (layer, index) =>
      layer.inputs === (index ? layers[index - 1].outputs : inputs) &&
      layer.bias.length === layer.outputs &&
      (index + 1 < layers.length || layer.outputs === outputs),
  );
}

/** Whole numbers times what each output's count for. */
export function scaled(whole: Int8Array, rows: Float32Array): Float32Array {
  const each = whole.length / rows.length;
  return Float32Array.from(whole, (value, index) => value * rows[Math.floor(index / each)]);
}

function ofHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
}

function known(tensor: Tensor): boolean {
  return tensor.dtype in SIZES && Array.isArray(tensor.shape) && tensor.shape.every((side) => side > 0);
}

function count(tensor: Tensor): number {
  return tensor.shape.reduce((product, side) => product * side, 1);
}

function damaged(): Error {
  return new Error("This network's file is damaged; reload the page, or export it again.");
}
