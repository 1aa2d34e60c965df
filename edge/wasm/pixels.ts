/** From pixels to what a network sees, and back. */

/** One 65536th of a level, with the last bit that it has in `sharpcli/inference/runtime.py`: rounding to levels sees it. */
const UNIT: f32 = <f32>(1.0 / 255.0) / 65536.0;

/** BT.601 in 65536ths, as libjpeg has it: of bytes an exact sum. */
// @ts-ignore: a decorator of AssemblyScript's
@inline
function grey(pixel: usize): i32 {
  return 19595 * <i32>load<u8>(pixel) + 38470 * <i32>load<u8>(pixel, 1) + 7471 * <i32>load<u8>(pixel, 2);
}

/**
 * Luma in [0, 1] of two rows of RGBA, `width` 2x2 blocks wide: 4 floats a block, channel = 2 * row + column.
 */
export function luma(pixels: usize, output: usize, width: i32): void {
  const below = pixels + (<usize>width << 3);
  for (let x: usize = 0; x < <usize>width; x++) {
    const sums = i32x4(
      grey(pixels + (x << 3)), grey(pixels + (x << 3) + 4), grey(below + (x << 3)), grey(below + (x << 3) + 4),
    );
    v128.store(output + (x << 4), f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.splat(UNIT)));
  }
}

/** Floats as levels in 16 bits: value / step to the nearest (even where two are), 0 to 255; `count` is a multiple of 8. */
export function toLevels(input: usize, output: usize, count: i32, step: f32): void {
  const steps = f32x4.splat(step);
  for (let at: usize = 0; at < <usize>count; at += 8) {
    const low = level(input + (at << 2), steps), high = level(input + (at << 2) + 16, steps);
    v128.store(output + (at << 1), i16x8.narrow_i32x4_u(low, high));
  }
}

// @ts-ignore: a decorator of AssemblyScript's
@inline
function level(input: usize, steps: v128): v128 {
  const whole = f32x4.nearest(f32x4.div(v128.load(input), steps));
  // Both ends are cut here: a number beyond 32 bits saturates, and NaN becomes 0.
  return i32x4.min_s(i32x4.trunc_sat_f32x4_s(f32x4.max(whole, f32x4.splat(0))), i32x4.splat(255));
}

/**
 * Adds `strength` (times 255) times the change of luma, 8 floats a block of which the first 4 count, to R, G and B of two
 * rows of RGBA in place; alpha stays.
 */
export function add(pixels: usize, change: usize, width: i32, strength: f32): void {
  const below = pixels + (<usize>width << 3);
  const strengths = f32x4.splat(strength);
  for (let x: usize = 0; x < <usize>width; x++) {
    const change4 = f32x4.mul(v128.load(change + (x << 5)), strengths);
    lighten(pixels + (x << 3), f32x4.extract_lane(change4, 0));
    lighten(pixels + (x << 3) + 4, f32x4.extract_lane(change4, 1));
    lighten(below + (x << 3), f32x4.extract_lane(change4, 2));
    lighten(below + (x << 3) + 4, f32x4.extract_lane(change4, 3));
  }
}

// @ts-ignore: a decorator of AssemblyScript's
@inline
function lighten(pixel: usize, change: f32): void {
  const bytes = v128.load32_zero(pixel);
  const before = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)));
  const after = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.add(before, f32x4.replace_lane(f32x4.splat(change), 3, 0))));
  const words = i16x8.narrow_i32x4_s(after, after);
  v128.store32_lane(pixel, i8x16.narrow_i16x8_u(words, words), 0);
}
