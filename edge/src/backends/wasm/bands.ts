/** Cuts an image into bands, which are sharpened one by one to the same result as the whole. */

/** Pixels of a band at most: 16 MB and as many again for the result, whatever the image's size. */
const MOST = 1 << 22;

export interface Rows {
  /** The first row that is wanted, and how many; even. */
  top: number;
  wanted: number;
  /** Rows around them that the network sees as well. */
  above: number;
  below: number;
}

/** As few bands as give every worker the same work and none more than MOST pixels; `height` is even. */
export function bands(width: number, height: number, receptiveRadius: number, workers: number): Rows[] {
  // Networks see blocks of 2x2 pixels.
  const around = 2 * Math.ceil(receptiveRadius / 2);
  const least = Math.ceil((width * height) / MOST);
  const count = Math.min(height / 2, Math.ceil(least / workers) * workers);
  const edges = Array.from({ length: count + 1 }, (_, index) => 2 * Math.round((height / 2 / count) * index));
  return edges.slice(0, -1).map((top, index) => ({
    top,
    wanted: edges[index + 1] - top,
    above: Math.min(top, around),
    below: Math.min(height - edges[index + 1], around),
  }));
}
