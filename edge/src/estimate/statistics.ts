/** How findings of patches are put together; reasons and sources are in sharpcli/inference/estimator.py. */

/** How much surer all patches together are than one. */
const CONFIDENCE = 2;

export function softmax(logits: number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Probabilities of classes that exclude each other. */
export function shares(rows: number[][]): number[] {
  const logs = rows.map((row) => softmax(row).map(Math.log));
  return softmax(rows[0].map((_, column) => CONFIDENCE * mean(logs.map((row) => row[column]))));
}

export function likely(logits: number[]): number {
  return 1 / (1 + Math.exp(-CONFIDENCE * mean(logits)));
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Of the first column; the second is the log of each value's doubt (a Laplace distribution's scale). */
export function quantile(rows: number[][], share: number): number {
  const sorted = [...rows].sort((a, b) => a[0] - b[0]);
  const weights = sorted.map((row) => Math.exp(Math.min(Math.max(-row[1], -5), 5)) ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  const found = sorted.findIndex((_, index) => (below += weights[index]) / total >= share);
  return sorted[found < 0 ? sorted.length - 1 : found][0];
}

export function exp(value: number, top = 3): number {
  return Math.exp(Math.min(Math.max(value, -3), top));
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
