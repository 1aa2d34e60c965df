/** A network's figures as its card has them: what it costs, and what it gains on which data. */

import type { Header } from "../networks/network";
import { made, table } from "./elements";

interface Score {
  convention?: string;
  result?: Cells;
  input?: Cells;
}
type Cells = Record<string, { psnr?: number | null; ssim?: number | null }>;

/** Fills an element with the figures of one network. */
export function showFigures(place: HTMLElement, header: Header): void {
  const { name, kmacPerPixel, receptiveRadius } = header;
  place.replaceChildren(made("p", `${name}: ${kmacPerPixel} kMAC a pixel, looks ${receptiveRadius} pixels far.`));
  for (const [data, score] of Object.entries(header.scores as Record<string, Score>)) {
    const rows = gains(score);
    if (!rows.length) continue;
    const mean = rows.reduce((sum, row) => sum + row.gain, 0) / rows.length;
    place.append(made("p", `${data}: gains ${signed(mean)} dB on average of ${rows.length}; convention ${score.convention}.`));
    const cells = rows.map(({ cell, input, result, gain }) => [cell, input.toFixed(2), result.toFixed(2), signed(gain)]);
    const scroll = made("div");
    Object.assign(scroll, { className: "scroll", tabIndex: 0, role: "region", ariaLabel: `Figures on ${data}` });
    scroll.append(table(`PSNR on ${data}, in dB`, ["Data", "Input", "Result", "Gain"], cells));
    place.append(scroll);
  }
  if (place.childElementCount === 1) place.append(made("p", "Its card has no scores."));
}

function gains({ result = {}, input = {} }: Score) {
  return Object.entries(result).flatMap(([cell, { psnr }]) => {
    const before = input[cell]?.psnr;
    // Of a sharp image the input's score is infinite, and there is nothing to gain.
    return typeof psnr === "number" && typeof before === "number" ? [{ cell, input: before, result: psnr, gain: psnr - before }] : [];
  });
}

function signed(gain: number): string {
  return `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(2)}`;
}
