/** Before and after, one above the other and cut off at a line, at any zoom. Positions are in pixels of the image. */

import { made } from "./elements";
import { listen } from "./viewer_input";

export interface Pair {
  width: number;
  height: number;
  before: ImageBitmap | HTMLCanvasElement | OffscreenCanvas;
  after?: OffscreenCanvas | HTMLCanvasElement;
  colorSpace: PredefinedColorSpace;
}

const MOST = 8; // zoom
const SMALL = 2048; // pixels of the longer side of what is drawn when a large image is seen as a whole

export class Viewer {
  readonly view = made("div");
  readonly range = made("input");
  private readonly canvases = [made("canvas"), made("canvas")];
  private readonly buttons = { fit: made("button", "Fit"), full: made("button", "100%"), double: made("button", "200%") };
  private readonly hold = made("button", "Hold to see the original");
  private readonly shown = made("output");
  private pair?: Pair;
  private small = new Map<object, OffscreenCanvas>();
  private at = { x: 0, y: 0, zoom: 1, fit: true, held: false };
  private due = false;

  constructor(private readonly root: HTMLElement) {
    root.hidden = true;
    const bar = made("div");
    Object.assign(bar, { className: "bar", role: "toolbar", ariaLabel: "Zoom and view" });
    for (const button of [...Object.values(this.buttons), this.hold]) button.type = "button";
    this.shown.ariaLabel = "Zoom";
    bar.append(...Object.values(this.buttons), this.shown, this.hold);
    Object.assign(this.view, { className: "view", tabIndex: 0, role: "group" });
    this.view.ariaLabel = "Before and after. Arrow keys move the image, plus and minus zoom, 0 fits it, 1 and 2 show 100% and 200%, hold Space to see the original.";
    this.canvases.forEach((canvas, index) => {
      const pane = made("div");
      const name = index ? "After" : "Before";
      pane.className = "pane";
      Object.assign(canvas, { role: "img", ariaLabel: name });
      pane.append(canvas, Object.assign(made("span", name), { className: index ? "tag right" : "tag" }));
      this.view.append(pane);
    });
    Object.assign(this.range, { type: "range", min: "0", max: "100", step: "any", value: "50", ariaLabel: "Before and after" });
    this.view.append(this.range, Object.assign(made("div"), { className: "line" }));
    root.append(bar, this.view);
    this.buttons.fit.onclick = () => this.fit();
    this.buttons.full.onclick = () => this.zoomTo(1);
    this.buttons.double.onclick = () => this.zoomTo(2);
    this.range.oninput = () => this.placeLine();
    listen(this, this.view, this.hold);
    new ResizeObserver(() => this.settle()).observe(this.view);
    this.placeLine();
  }

  /** Shows a pair, or nothing; the same picture's next result keeps place and zoom. */
  show(pair?: Pair): void {
    if (pair?.before !== this.pair?.before) {
      Object.assign(this.at, { x: (pair?.width ?? 0) / 2, y: (pair?.height ?? 0) / 2, fit: true });
      this.small.clear();
    } else if (this.pair?.after) this.small.delete(this.pair.after);
    this.pair = pair;
    this.root.hidden = !pair;
    this.settle();
  }

  /** Moves by so many pixels of the screen. */
  move(x: number, y: number): void {
    this.at.x += x / this.scale;
    this.at.y += y / this.scale;
    this.settle();
  }

  /** Zooms so that what lies at a point, in screen pixels from the middle, stays there. */
  zoomTo(zoom: number, [across, down]: readonly [number, number] = [0, 0]): void {
    const old = this.scale;
    const least = Math.min(this.fitting, 1);
    Object.assign(this.at, { zoom: clamp(zoom, least, MOST), fit: zoom <= least && this.fitting < 1 });
    this.at.x += across / old - across / this.scale;
    this.at.y += down / old - down / this.scale;
    this.settle();
  }

  /** Zooms by a factor. */
  zoomBy(factor: number, point?: readonly [number, number]): void {
    this.zoomTo(this.at.zoom * factor, point);
  }

  fit(): void {
    this.at.fit = true;
    this.settle();
  }

  /** Shows the original alone while it is held. */
  held(on: boolean): void {
    this.at.held = on;
    this.settle();
  }

  /** Puts the line where the pointer is. */
  divide(clientX: number): void {
    const box = this.view.getBoundingClientRect();
    this.range.value = String(clamp(((clientX - box.left) / box.width) * 100, 0, 100));
    this.placeLine();
  }

  private placeLine(): void {
    this.view.style.setProperty("--line", `${this.range.value}%`);
    this.range.ariaValueText = `${Math.round(Number(this.range.value))} % before`;
  }

  /** Of the screen's pixels how many one of the image covers; whole ones at 100 %, so that nothing is mixed. */
  private get scale(): number {
    return this.at.zoom * Math.max(1, Math.round(devicePixelRatio));
  }

  private get fitting(): number {
    if (!this.pair) return 1;
    const { clientWidth, clientHeight } = this.view;
    const ratio = devicePixelRatio / Math.max(1, Math.round(devicePixelRatio));
    return Math.min(clientWidth / this.pair.width, clientHeight / this.pair.height) * ratio;
  }

  private settle(): void {
    if (!this.pair || !this.view.clientWidth) return;
    if (this.at.fit) this.at.zoom = Math.min(this.fitting, 1);
    const seen = { x: this.view.clientWidth * devicePixelRatio, y: this.view.clientHeight * devicePixelRatio };
    for (const [axis, all] of [["x", this.pair.width], ["y", this.pair.height]] as const) {
      const half = seen[axis] / this.scale / 2;
      this.at[axis] = all <= 2 * half ? all / 2 : clamp(this.at[axis], half, all - half);
    }
    const percent = Math.round(this.at.zoom * 100);
    this.shown.textContent = `${percent}%`;
    this.buttons.fit.ariaPressed = String(this.at.fit);
    this.buttons.full.ariaPressed = String(!this.at.fit && percent === 100);
    this.buttons.double.ariaPressed = String(!this.at.fit && percent === 200);
    this.hold.ariaPressed = String(this.at.held);
    this.view.classList.toggle("held", this.at.held || !this.pair.after);
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.due = false;
    const { pair } = this;
    if (!pair) return;
    const after = this.at.held || !pair.after ? pair.before : pair.after;
    [pair.before, after].forEach((image, index) => this.paint(this.canvases[index], image, pair));
  }

  private paint(canvas: HTMLCanvasElement, image: Pair["before"], { width, height, colorSpace }: Pair): void {
    const [across, down] = [this.view.clientWidth, this.view.clientHeight].map((one) => Math.round(one * devicePixelRatio));
    if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
    const context = canvas.getContext("2d", { colorSpace }) as CanvasRenderingContext2D;
    const many = this.scale;
    context.clearRect(0, 0, across, down);
    context.imageSmoothingEnabled = many < 1 || !Number.isInteger(many);
    context.imageSmoothingQuality = "high";
    const [left, top] = [Math.round(across / 2 - this.at.x * many), Math.round(down / 2 - this.at.y * many)];
    const source = many * Math.max(width, height) <= SMALL ? this.reduced(image) : image;
    context.drawImage(source, left, top, Math.round(width * many), Math.round(height * many));
  }

  /** A small copy of a large image, made once: all of its pixels need not be read for each move of the line. */
  private reduced(image: Pair["before"]): Pair["before"] {
    const share = SMALL / Math.max(image.width, image.height);
    if (share >= 1 || !this.pair) return image;
    const known = this.small.get(image);
    if (known) return known;
    const made = new OffscreenCanvas(Math.ceil(image.width * share), Math.ceil(image.height * share));
    const context = made.getContext("2d", { colorSpace: this.pair.colorSpace }) as OffscreenCanvasRenderingContext2D;
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, made.width, made.height);
    this.small.set(image, made);
    return made;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
