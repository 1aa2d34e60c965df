/** One row of a convolution in 32-bit floats. */

/**
 * Every block is 4 pixels by 8 outputs, in 8 registers: an input is spread over 4 lanes and multiplied by the weights
 * of 4 outputs, so nothing is summed across lanes.
 *
 * `rows`: pointers to as many input rows as the kernel has, each at the leftmost input of the first pixel. In a row the
 * channels of a pixel lie together, so the `length` = columns x channels inputs of one pixel do too; the next pixel's
 * begin `step` bytes further. `weights`: for each 8 outputs, for each row and input, 8 numbers. `slope` times a negative
 * result is the result: 0 is ReLU, 1 nothing. `outputs` is a multiple of 8; so many numbers are written for each pixel,
 * and for 4 x `blocks` pixels.
 */
export function convolveFloats(
  rows: usize, kernelRows: i32, length: i32, step: i32, weights: usize, bias: usize, slope: f32,
  outputs: i32, output: usize, blocks: i32,
): void {
  const slopes = f32x4.splat(slope);
  const pitch: usize = <usize>outputs << 2;
  for (let block = 0; block < blocks; block++) {
    const left: usize = <usize>block * 4 * step;
    let weight = weights;
    for (let first = 0; first < outputs; first += 8) {
      const low = v128.load(bias + (<usize>first << 2));
      const high = v128.load(bias + (<usize>first << 2), 16);
      let a0 = low, a1 = high, b0 = low, b1 = high, c0 = low, c1 = high, d0 = low, d1 = high;
      for (let row = 0; row < kernelRows; row++) {
        let a = load<usize>(rows + (<usize>row << 2)) + left;
        let b = a + step, c = b + step, d = c + step;
        const end = a + (<usize>length << 2);
        for (; a < end; a += 4, b += 4, c += 4, d += 4, weight += 32) {
          const w0 = v128.load(weight);
          const w1 = v128.load(weight, 16);
          let x = v128.load_splat<u32>(a);
          a0 = f32x4.add(a0, f32x4.mul(x, w0));
          a1 = f32x4.add(a1, f32x4.mul(x, w1));
          x = v128.load_splat<u32>(b);
          b0 = f32x4.add(b0, f32x4.mul(x, w0));
          b1 = f32x4.add(b1, f32x4.mul(x, w1));
          x = v128.load_splat<u32>(c);
          c0 = f32x4.add(c0, f32x4.mul(x, w0));
          c1 = f32x4.add(c1, f32x4.mul(x, w1));
          x = v128.load_splat<u32>(d);
          d0 = f32x4.add(d0, f32x4.mul(x, w0));
          d1 = f32x4.add(d1, f32x4.mul(x, w1));
        }
      }
      let target = output + <usize>block * 4 * pitch + (<usize>first << 2);
      keep(target, a0, a1, slopes);
      keep(target += pitch, b0, b1, slopes);
      keep(target += pitch, c0, c1, slopes);
      keep(target += pitch, d0, d1, slopes);
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript's
@inline
function keep(target: usize, low: v128, high: v128, slopes: v128): void {
  v128.store(target, f32x4.max(low, f32x4.mul(low, slopes)));
  v128.store(target, f32x4.max(high, f32x4.mul(high, slopes)), 16);
}
