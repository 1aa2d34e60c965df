/**
 * What an image went through, and the vector that conditioned networks take: as sharpcli/inference/degradation.py, where
 * the numbers' meanings, units and the reasons for the constants are.
 */

export const LENGTH = 29;
export const KINDS = ["gaussian", "defocus", "motion"] as const;
export type Kind = (typeof KINDS)[number] | "none";
export const FAINT_NOISE = 0.75;
const CALL_TRUST = 0.7;

type Pair = readonly [number, number];
type Triple = readonly [number, number, number];

/** Probabilities are 0 to 1, lengths in pixels, `noise` in 8-bit levels of luma. */
export interface Degradation {
  /** Probability of each of KINDS. */
  readonly blur: Triple;
  readonly sigma: number;
  readonly stretch: Pair;
  readonly exponent: number;
  readonly radius: number;
  readonly length: number;
  readonly direction: Pair;
  /** Probability that the blur mixed linear light. */
  readonly linear: number;
  readonly resampled: number;
  /** Natural log of how many times it was enlarged. */
  readonly logScale: number;
  /** Bicubic, Lanczos, bilinear. */
  readonly up: Triple;
  /** Bicubic, Lanczos, area, not antialiased. */
  readonly down: readonly [number, number, number, number];
  readonly earlyJpeg: number;
  readonly earlyQuality: number;
  readonly noise: number;
  readonly noiseWidth: number;
  readonly sharpened: number;
  readonly jpeg: number;
  readonly quality: number;
  /** Whether `jpeg` and `quality` say what a video codec did. */
  readonly video: boolean;
  /** Share of the image that is clearly sharp. Networks are not told. */
  readonly sharpShare: number;
}

/** An image that nothing happened to. */
export const NOTHING: Degradation = {
  blur: [0, 0, 0],
  sigma: 0,
  stretch: [0, 0],
  exponent: 0,
  radius: 0,
  length: 0,
  direction: [0, 0],
  linear: 0,
  resampled: 0,
  logScale: 0,
  up: [0, 0, 0],
  down: [0, 0, 0, 0],
  earlyJpeg: 0,
  earlyQuality: 105,
  noise: 0,
  noiseWidth: 0,
  sharpened: 0,
  jpeg: 0,
  quality: 105,
  video: false,
  sharpShare: 0,
};

/** The LENGTH numbers that networks were trained with; all zero where nothing happened. */
export function vectorOf(d: Degradation): number[] {
  const [gaussian, defocus, motion] = d.blur;
  const travel = (motion * d.length) / 4;
  return [
    ...d.blur,
    gaussian * d.sigma,
    ...d.stretch.map((part) => gaussian * part),
    (defocus * d.radius) / 2,
    travel,
    ...d.direction.map((part) => travel * part),
    (gaussian + defocus + motion) * d.linear,
    d.resampled,
    d.resampled * 2 * d.logScale,
    ...d.up.map((part) => d.resampled * part),
    ...d.down.map((part) => d.resampled * part),
    d.resampled * d.earlyJpeg,
    d.resampled * d.earlyJpeg * loss(d.earlyQuality),
    d.noise / 3,
    d.noise > FAINT_NOISE ? d.noiseWidth : 0,
    d.sharpened,
    d.jpeg,
    d.jpeg * loss(d.quality) * (d.video ? CALL_TRUST : 1),
    0,
    gaussian * d.exponent,
  ];
}

/** The same with a blur that is known, of a size in pixels or of the size found. */
export function withBlur(d: Degradation, kind: Kind, size?: number): Degradation {
  const blur: Triple = [Number(kind === "gaussian"), Number(kind === "defocus"), Number(kind === "motion")];
  const changed = { ...d, blur, sharpShare: 0 };
  if (size === undefined || kind === "none") return changed;
  if (kind === "gaussian") return { ...changed, sigma: size, stretch: [0, 0], exponent: 0 };
  return kind === "defocus" ? { ...changed, radius: size } : { ...changed, length: size };
}

/** JPEG's quality as the networks are told it: 0.2 for 99, 1 for 75, 2 for 45. */
export function loss(quality: number): number {
  return (105 - quality) / 30;
}
