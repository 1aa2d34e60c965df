/** One row of a convolution of levels (0 to 255) with whole weights (-127 to 127), both stored in 16 bits. */

/**
 * As `convolveFloats`, but an input is a pair of channels: the dot product multiplies it by the two weights of each of 4
 * outputs and adds these, exactly. `length` counts pairs, `weights` has 8 pairs for each of them, `scale` and `bias` turn
 * each output's sum into a float. The sums fit 32 bits up to 65,000 inputs.
 */
export function convolveLevels(
  rows: usize, kernelRows: i32, length: i32, step: i32, weights: usize, scale: usize, bias: usize, slope: f32,
  outputs: i32, output: usize, blocks: i32,
): void {
  const slopes = f32x4.splat(slope);
  const pitch: usize = <usize>outputs << 2;
  for (let block = 0; block < blocks; block++) {
    const left: usize = <usize>block * 4 * step;
    let weight = weights;
    for (let first = 0; first < outputs; first += 8) {
      const none = i32x4.splat(0);
      let a0 = none, a1 = none, b0 = none, b1 = none, c0 = none, c1 = none, d0 = none, d1 = none;
      for (let row = 0; row < kernelRows; row++) {
        let a = load<usize>(rows + (<usize>row << 2)) + left;
        let b = a + step, c = b + step, d = c + step;
        const end = a + (<usize>length << 2);
        for (; a < end; a += 4, b += 4, c += 4, d += 4, weight += 32) {
          const w0 = v128.load(weight);
          const w1 = v128.load(weight, 16);
          let x = v128.load_splat<u32>(a);
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, w0));
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, w1));
          x = v128.load_splat<u32>(b);
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(x, w0));
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(x, w1));
          x = v128.load_splat<u32>(c);
          c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, w0));
          c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, w1));
          x = v128.load_splat<u32>(d);
          d0 = i32x4.add(d0, i32x4.dot_i16x8_s(x, w0));
          d1 = i32x4.add(d1, i32x4.dot_i16x8_s(x, w1));
        }
      }
      const at = <usize>first << 2;
      const scale0 = v128.load(scale + at), scale1 = v128.load(scale + at, 16);
      const bias0 = v128.load(bias + at), bias1 = v128.load(bias + at, 16);
      let target = output + <usize>block * 4 * pitch + at;
      keep(target, a0, scale0, bias0, slopes);
      keep(target + 16, a1, scale1, bias1, slopes);
      target += pitch;
      keep(target, b0, scale0, bias0, slopes);
      keep(target + 16, b1, scale1, bias1, slopes);
      target += pitch;
      keep(target, c0, scale0, bias0, slopes);
      keep(target + 16, c1, scale1, bias1, slopes);
      target += pitch;
      keep(target, d0, scale0, bias0, slopes);
      keep(target + 16, d1, scale1, bias1, slopes);
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript's
@inline
function keep(target: usize, sum: v128, scale: v128, bias: v128, slopes: v128): void {
  const value = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum), scale), bias);
  v128.store(target, f32x4.max(value, f32x4.mul(value, slopes)));
}
