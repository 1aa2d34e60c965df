/** What mouse, fingers and keys do to the viewer. */

import type { Viewer } from "./viewer";

const GRAB: Record<string, number> = { mouse: 14, touch: 26 }; // pixels to either side of the line
const STEP = 1.25; // of plus, minus and the wheel, in zoom

/** Lets the pointer move line and image, two fingers and the wheel zoom, and keys do all of it. */
export function listen(viewer: Viewer, view: HTMLElement, hold: HTMLElement): void {
  const touches = new Map<number, PointerEvent>();
  let dragging: "line" | "image" | undefined;

  view.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    view.setPointerCapture(event.pointerId);
    touches.set(event.pointerId, event);
    const box = view.getBoundingClientRect();
    const away = Math.abs(event.clientX - box.left - (box.width * Number(viewer.range.value)) / 100);
    const near = away <= (GRAB[event.pointerType] ?? GRAB.touch);
    dragging = touches.size === 1 && near ? "line" : "image";
  });
  view.addEventListener("pointermove", (event) => {
    const before = touches.get(event.pointerId);
    if (!before) return;
    touches.set(event.pointerId, event);
    if (dragging === "line") return viewer.divide(event.clientX);
    const [x, y] = [before.clientX - event.clientX, before.clientY - event.clientY].map((one) => one * devicePixelRatio);
    const other = [...touches.values()].find((one) => one.pointerId !== event.pointerId);
    if (!other) return viewer.move(x, y);
    const apart = (one: PointerEvent) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    viewer.move(x / 2, y / 2); // both fingers' middle moves half as far
    viewer.zoomBy(apart(event) / Math.max(1, apart(before)), pointOf(event, view));
  });
  for (const kind of ["pointerup", "pointercancel"] as const) {
    view.addEventListener(kind, (event) => {
      touches.delete(event.pointerId);
      if (!touches.size) dragging = undefined;
    });
  }
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !view.matches(":focus-within")) return; // the page scrolls, until the image was touched
    event.preventDefault();
    viewer.zoomBy(event.deltaY < 0 ? STEP : 1 / STEP, pointOf(event, view));
  }, { passive: false });

  const keys: Record<string, () => void> = {
    "+": () => viewer.zoomBy(STEP), "=": () => viewer.zoomBy(STEP), "-": () => viewer.zoomBy(1 / STEP),
    "0": () => viewer.fit(), "1": () => viewer.zoomTo(1), "2": () => viewer.zoomTo(2),
    ArrowLeft: () => viewer.move(-view.clientWidth / 10, 0), ArrowRight: () => viewer.move(view.clientWidth / 10, 0),
    ArrowUp: () => viewer.move(0, -view.clientHeight / 10), ArrowDown: () => viewer.move(0, view.clientHeight / 10),
    " ": () => viewer.held(true),
  };
  view.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // In the range, arrows move the line.
    if (!keys[event.key] || (event.target === viewer.range && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    keys[event.key]();
  });
  hold.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") viewer.held(true);
  });
  hold.addEventListener("pointerdown", (event) => {
    hold.setPointerCapture(event.pointerId);
    viewer.held(true);
  });
  for (const place of [view, hold]) {
    for (const kind of ["keyup", "blur"]) place.addEventListener(kind, () => viewer.held(false));
  }
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) hold.addEventListener(kind, () => viewer.held(false));
  hold.addEventListener("contextmenu", (event) => event.preventDefault()); // of a long touch
}

/** A pointer's place from the middle of the view, in the screen's pixels. */
function pointOf({ clientX, clientY }: MouseEvent, view: HTMLElement): [number, number] {
  const box = view.getBoundingClientRect();
  const [x, y] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  return [x * devicePixelRatio, y * devicePixelRatio];
}
