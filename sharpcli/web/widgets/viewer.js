// Run by gr.HTML with `element`, `props`, `server`, `watch` and `say` (see words/scripts.py). Draws before and after on
// two canvases from tiles, which it asks the server for as they are looked at. Positions are in pixels of the image;
// `scale` is how many of the screen's pixels one of them covers.
const STEP = 0.25; // of the wheel, in zoom
const MOST = 4; // zoom
const AT_A_TIME = 4; // requests for tiles
const KEPT = 384; // pairs of tiles in memory, of 0.5 MB: more than a large screen shows
const GRAB = { mouse: 14, touch: 26 }; // pixels to either side of the divider
const NOTCH = 60; // of the wheel: less is a touchpad's, and adds up

const find = (selector) => element.querySelector(selector);
const stage = find(".stage");
const view = find(".view");
const range = find("input");
const hold = find(".hold");
const button = (name) => find(`[data-do=${name}]`);
const panes = () => [...element.querySelectorAll("canvas")];
const tiles = new Map();
const asked = new Set();
const touches = new Map();
const at = { x: 0, y: 0, zoom: 1, fit: false, held: false };
let dragging = ""; // "line" or "image"
let turned = 0; // what the wheel has been turned since the last step
let wanted = [];
let last = null; // the value that was shown before
let due = false;

// Whole pixels of the screen at 100 %, so that each pixel of the image is seen as it is.
const ratio = () => Math.max(1, Math.round(devicePixelRatio));
const scale = () => at.zoom * ratio();
const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
const version = () => props.value && props.value.before + " " + props.value.after; // of the pixels
const tell = (text) => (find("[role=status]").textContent = text);
const beside = () => stage.classList.contains("beside");

function fitting() {
  const { width, height } = props.value;
  const [{ width: across, height: down }] = panes();
  return Math.min(across / width, down / height, MOST * ratio()) / ratio();
}

function show() {
  const value = props.value;
  stage.hidden = !value;
  find(".nothing").hidden = Boolean(value);
  tell("");
  if (!value) return;
  if (last?.before !== value.before) {
    tiles.clear(); // else those of another setting are seen until the new ones have come
    [at.x, at.y] = value.place.map((number) => number + 0.5);
    Object.assign(at, { zoom: 1, fit: false });
    const wide = value.profile && matchMedia("(color-gamut: p3)").matches;
    for (const canvas of panes()) fresh(canvas, wide ? "display-p3" : "srgb");
  }
  last = value;
  measure();
}

// A canvas keeps the colour space that it was first drawn in.
function fresh(canvas, colorSpace) {
  const other = canvas.cloneNode();
  other.getContext("2d", { colorSpace });
  canvas.replaceWith(other);
}

function measure() {
  if (!props.value || !view.clientWidth) return;
  for (const canvas of panes()) {
    const [width, height] = [canvas.parentNode.clientWidth, canvas.parentNode.clientHeight]
      .map((length) => Math.round(length * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.style.width = width / devicePixelRatio + "px";
    canvas.style.height = height / devicePixelRatio + "px";
  }
  settle();
}

// Keeps zoom and place possible, and draws.
function settle() {
  const { width, height } = props.value;
  const fit = fitting();
  if (at.fit || at.zoom < Math.min(fit, 1)) Object.assign(at, { zoom: fit, fit: true });
  const [canvas] = panes();
  for (const [axis, all, seen] of [["x", width, canvas.width], ["y", height, canvas.height]]) {
    const half = seen / scale() / 2;
    at[axis] = all <= 2 * half ? all / 2 : clamp(at[axis], half, all - half);
  }
  const percent = Math.round(at.zoom * 100);
  find(".zoom").textContent = percent + "%";
  const pressed = { fit: at.fit, full: !at.fit && percent === 100, double: !at.fit && percent === 200, beside: beside() };
  for (const [name, on] of Object.entries(pressed)) button(name).ariaPressed = on;
  hold.ariaPressed = at.held;
  stage.classList.toggle("fitted", at.fit);
  stage.classList.toggle("held", at.held);
  view.ariaBusy = true; // until it is drawn with all its tiles
  if (due) return;
  due = true;
  requestAnimationFrame(draw);
}

function draw() {
  due = false;
  if (!props.value) return;
  const { width, height } = props.value;
  const [before, after] = panes();
  const deep = Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / props.side)));
  const level = clamp(Math.floor(-Math.log2(scale()) + 1e-9), 0, deep);
  const places = [...inView(before, deep), ...(level < deep ? inView(before, level) : [])];
  for (const [canvas, name] of [[before, "before"], [after, at.held ? "before" : "after"]]) paint(canvas, name, places);
  wanted = places.filter((one) => tiles.get(one.key)?.version !== version());
  view.ariaBusy = wanted.length > 0;
  next();
}

// The tiles of a level that a pane shows, the middle first.
function inView(canvas, level) {
  const { width, height } = props.value;
  const side = props.side * 2 ** level;
  const [across, down] = [canvas.width / scale() / 2, canvas.height / scale() / 2];
  const span = (middle, half, all) => {
    const first = Math.floor(clamp(middle - half, 0, all - 1) / side);
    const end = Math.floor(clamp(middle + half, 0, all - 1) / side);
    return Array.from({ length: end - first + 1 }, (_, number) => first + number);
  };
  const far = ({ column, row }) => Math.hypot((column + 0.5) * side - at.x, (row + 0.5) * side - at.y);
  return span(at.y, down, height)
    .flatMap((row) => span(at.x, across, width).map((column) => ({ level, column, row, key: [level, column, row].join() })))
    .sort((one, other) => far(one) - far(other));
}

function paint(canvas, name, places) {
  const context = canvas.getContext("2d");
  const many = scale();
  const { width, height } = props.value;
  // Whole numbers, so that at whole scales no pixel is mixed with its neighbours.
  const [left, top] = [Math.round(canvas.width / 2 - at.x * many), Math.round(canvas.height / 2 - at.y * many)];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.save();
  context.beginPath();
  context.rect(left, top, Math.round(width * many), Math.round(height * many));
  context.clip();
  context.imageSmoothingQuality = "high";
  for (const { key, level, column, row } of places) {
    const tile = tiles.get(key);
    if (!tile) continue;
    tiles.delete(key); // the last used are the last in the map
    tiles.set(key, tile);
    const image = tile[name];
    const size = 2 ** level * many;
    const [x, y] = [column, row].map((number) => number * props.side * size);
    const [right, bottom] = [x + image.naturalWidth * size, y + image.naturalHeight * size];
    const edges = [x, y, right, bottom].map(Math.round);
    context.imageSmoothingEnabled = level > 0 || !Number.isInteger(many);
    context.clearRect(left + edges[0], top + edges[1], edges[2] - edges[0], edges[3] - edges[1]);
    context.drawImage(image, left + edges[0], top + edges[1], edges[2] - edges[0], edges[3] - edges[1]);
  }
  context.restore();
}

async function next() {
  const own = version();
  const one = wanted.find(({ key }) => !asked.has(own + key));
  if (!one || asked.size >= AT_A_TIME) return;
  asked.add(own + one.key);
  next();
  try {
    const { level, column, row } = one;
    const answer = await server.tile({ folder: props.value.folder, level, column, row });
    if (!answer || answer.error) throw new Error(answer?.error ?? say("The server does not respond."));
    const [before, after] = await Promise.all([answer.before, answer.after].map(decoded));
    if (own !== version()) return;
    tiles.set(one.key, { version: own, before, after });
    for (const key of tiles.keys()) if (tiles.size > KEPT) tiles.delete(key);
    settle();
  } catch (error) {
    if (own !== version()) return;
    wanted = []; // no more of what fails, until something else is looked at
    view.ariaBusy = false;
    tell(error.message);
  } finally {
    asked.delete(own + one.key);
    next();
  }
}

async function decoded(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

// Zooms so that what lies at a point stays there; the point is seen from the middle of its pane, in screen pixels.
function zoomTo(zoom, [across, down] = [0, 0]) {
  const old = scale();
  const fit = fitting();
  at.zoom = clamp(zoom, Math.min(fit, 1), MOST);
  at.fit = Math.abs(at.zoom - fit) < 1e-6 && fit < 1;
  move(across / old - across / scale(), down / old - down / scale());
}

function move(x, y) {
  at.x += x;
  at.y += y;
  settle();
}

function fit() {
  at.fit = true;
  settle();
}

function step(way, point) {
  const steps = at.zoom / STEP;
  zoomTo(STEP * (way > 0 ? Math.floor(steps + 1e-6) + 1 : Math.ceil(steps - 1e-6) - 1), point);
}

// A pointer's place from the middle of the pane that it is in.
function pointOf({ clientX, clientY }) {
  const boxes = panes().map((canvas) => canvas.getBoundingClientRect());
  const inside = (box) => clientX >= box.left && clientX < box.right && clientY >= box.top && clientY < box.bottom;
  const box = boxes.find(inside) ?? boxes[0];
  return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2].map((one) => one * devicePixelRatio);
}

function divide(clientX) {
  const box = view.getBoundingClientRect();
  range.value = clamp(((clientX - box.left) / box.width) * 100, 0, 100);
  placeLine();
}

const placeLine = () => view.style.setProperty("--line", range.value + "%");

function held(on) {
  if (at.held === on || !props.value) return;
  at.held = on;
  settle();
}

view.addEventListener("pointerdown", (event) => {
  if (event.button || !props.value) return;
  view.setPointerCapture(event.pointerId);
  touches.set(event.pointerId, event);
  const box = view.getBoundingClientRect();
  const away = Math.abs(event.clientX - box.left - (box.width * range.value) / 100);
  const near = away <= (GRAB[event.pointerType] ?? GRAB.touch);
  dragging = touches.size === 1 && near && !beside() ? "line" : "image";
  stage.classList.toggle("panning", dragging === "image");
});

view.addEventListener("pointermove", (event) => {
  const before = touches.get(event.pointerId);
  if (!before) return;
  touches.set(event.pointerId, event);
  if (dragging === "line") return divide(event.clientX);
  const [x, y] = [event.clientX - before.clientX, event.clientY - before.clientY].map((one) => one * devicePixelRatio);
  const other = [...touches.values()].find((one) => one.pointerId !== event.pointerId);
  if (!other) return move(-x / scale(), -y / scale());
  const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  const middle = pointOf(event).map((one, axis) => (one + pointOf(other)[axis]) / 2);
  move(-x / scale() / 2, -y / scale() / 2); // both fingers' middle moves half as far
  zoomTo((at.zoom * apart(event)) / Math.max(1, apart(before)), middle);
});

for (const name of ["pointerup", "pointercancel"]) {
  view.addEventListener(name, (event) => {
    touches.delete(event.pointerId);
    if (touches.size === 0) dragging = "";
    stage.classList.remove("panning");
  });
}

view.addEventListener("wheel", (event) => {
  if (!props.value) return;
  const down = event.deltaY * (event.deltaMode ? 30 : 1);
  if (down > 0 && at.zoom <= Math.min(fitting(), 1)) return; // nothing to zoom out of: the page scrolls
  event.preventDefault();
  turned = Math.sign(turned) === Math.sign(down) ? turned + down : down;
  if (Math.abs(turned) < NOTCH) return;
  step(-turned, pointOf(event));
  turned = 0;
}, { passive: false });

view.addEventListener("dblclick", (event) => {
  if (!props.value) return;
  if (at.fit) zoomTo(1, pointOf(event));
  else fit();
});

const KEYS = {
  "+": () => step(1), "=": () => step(1), "-": () => step(-1), 0: fit, 1: () => zoomTo(1), 2: () => zoomTo(2),
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

element.addEventListener("keydown", (event) => {
  if (!props.value || event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = event.target === view && ARROWS[event.key];
  const holds = event.key === " " && (event.target === view || event.target === hold);
  if (arrow) {
    const [canvas] = panes();
    move((arrow[0] * canvas.width) / 10 / scale(), (arrow[1] * canvas.height) / 10 / scale());
  } else if (holds || (event.key === "Enter" && event.target === hold)) held(true);
  else if (KEYS[event.key]) KEYS[event.key]();
  else return;
  event.preventDefault();
});
element.addEventListener("keyup", () => held(false));
element.addEventListener("focusout", () => held(false));

hold.addEventListener("pointerdown", (event) => {
  hold.focus({ preventScroll: true }); // before, for what loses the focus lets go
  hold.setPointerCapture(event.pointerId);
  held(true);
});
for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) hold.addEventListener(name, () => held(false));
hold.addEventListener("contextmenu", (event) => event.preventDefault()); // of a long touch

range.addEventListener("input", placeLine);

const WORK = {
  fit,
  full: () => zoomTo(1),
  double: () => zoomTo(2),
  beside: () => {
    stage.classList.toggle("beside");
    measure();
  },
  copy,
  screen: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()),
};
for (const [name, work] of Object.entries(WORK)) button(name).addEventListener("click", work);

async function copy() {
  tell(say("Copying."));
  const made = server.whole({ folder: props.value.folder }).then(async (answer) => {
    if (!answer || answer.error) throw new Error(answer?.error ?? say("The server does not respond."));
    return (await fetch(answer.image)).blob();
  });
  try {
    // At once and with a promise: later, a browser no longer takes it for an answer to the click.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": made })]);
    tell(say("The result is in the clipboard."));
  } catch (error) {
    tell(say("Not copied: {reason}", { reason: error.message }));
  }
}

button("copy").hidden = !(isSecureContext && navigator.clipboard?.write && window.ClipboardItem);
button("screen").hidden = !document.fullscreenEnabled;
new ResizeObserver(measure).observe(view);
placeLine();
watch("value", show);
show();
