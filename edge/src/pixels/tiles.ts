/** Where tiles lie, so that their results put together are the result of the whole. */

export interface Span {
  /** Where the window that the network is given begins. */
  start: number;
  /** From where to where its result is kept. */
  from: number;
  to: number;
}

/**
 * Windows of `tile` along a side of `length` that share `overlap` at every cut and keep `from` to `to` between them.
 * All have the same length, so that a GPU needs memory for one size only; the last one reaches back for it.
 */
export function spans(length: number, tile: number, overlap: number, from: number, to: number): Span[] {
  if (length <= tile) return [{ start: 0, from, to }];
  const found: Span[] = [];
  for (let start = 0, begin = from; begin < to; start += tile - 2 * overlap) {
    start = Math.min(start, length - tile);
    const end = start + tile === length ? to : Math.min(start + tile - overlap, to);
    if (end > begin) found.push({ start, from: begin, to: end });
    begin = Math.max(begin, end);
  }
  return found;
}
