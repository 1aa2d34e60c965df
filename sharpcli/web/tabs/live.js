// Run by gr.HTML with `element`, `props`, `server` and `watch` when the tab Live is first shown. One frame is in
// progress at a time: the newest when the last answer arrived. So nothing can queue; frames in between are dropped.
// It is sharpened in this browser by the module of the browser edition (edge/src/live), or on the server. The module's
// governor is lent `say`: say("down to {step}: {why}"), say("up to {step}: {why}"), say("there was time for it"),
// say("a frame takes {took} ms, {most} ms allowed"), say("{enhancer} on every second frame"), say("pass through").
const WINDOW = 2000; // milliseconds over which rates and means are taken
const QUALITY = 0.95; // of the JPEG that goes to the server: coarser, and the enhancer would sharpen its artefacts
const RATE = 8e6; // bits a second of a recording
const SLICE = 500; // milliseconds after which a recording's next part is there
const REFUSALS = {
  NotAllowedError: say("Camera access was denied. Allow it for this page in the browser, then start again."),
  NotFoundError: say("No camera found. Connect one, then start again."),
  NotReadableError: say("The camera delivers no image. It may be in use by another program."),
};

const part = (name) => element.querySelector("#live-" + name);
const setText = (name, text) => (part(name).textContent = text);
const video = document.createElement("video");
const taken = document.createElement("canvas");
const pair = document.createElement("canvas"); // before and after, side by side, for what is downloaded
let recorder = null; // of the recording that runs now
let run = null; // the stream that runs now
let begun = null;
let edge = null; // the module of the browser edition, and `live`, which runs its networks; null where there is none

// Whether frames stay here: as is chosen, where this browser can and the browser edition has what is asked for.
const stays = () => props.value.where === "browser" && edge !== null && edge.has(props.value);

// Settles when it is known whether this browser can.
async function begin() {
  let why = "";
  try {
    const module = props.module && await import(new URL(props.module, new URL(window.gradio_config.root + "/", location)));
    if (module) edge = { has: module.has, live: await module.open(say) };
  } catch (error) {
    why = say("This browser cannot run the networks itself: {reason}.", { reason: error.message.replace(/\.$/, "") });
  }
  where(why);
}

// What is said before the camera starts: where its frames go.
function where(why = "") {
  if (run) return;
  const there = say("Frames are sent to the machine that serves this page and are not stored. Up to {cameras} cameras can be used at a time.", props);
  const only = edge && props.value.where === "browser" && !edge.has(props.value) ? say("Only the server has this enhancer with this profile.") : why;
  setText("message", stays() ? say("Frames stay in this browser and are not stored.") : [only, there].filter(Boolean).join(" "));
}

async function start() {
  part("start").disabled = true;
  setText("message", say("Waiting for the camera."));
  await begun; // before that, frames would go to the server
  try {
    const media = await navigator.mediaDevices.getUserMedia({ video: wanted() });
    const [track] = media.getVideoTracks();
    run = {
      id: crypto.randomUUID(), track, last: null, fresh: false, waiting: false, loaded: false, early: 0,
      came: 0, sent: 0, taken: 0, every: 1, asked: false, arrivals: [], shown: [],
    };
    track.onended = () => stop(say("The camera was disconnected."));
    video.muted = video.playsInline = true;
    video.srcObject = media;
    video.requestVideoFrameCallback(arrived);
    setText("start", say("Stop camera"));
    setText("message", say("Waiting for the first sharpened frame."));
    await video.play();
    if (!element.checkVisibility() || document.hidden) left();
  } catch (error) {
    const sentence = REFUSALS[error.name] ?? say("The camera cannot be used: {reason}", { reason: error.message });
    if (run) stop(sentence);
    else if (error.name !== "AbortError") setText("message", sentence); // which is a start that was stopped
  } finally {
    part("start").disabled = false;
  }
}

function stop(sentence = "") {
  const own = run;
  run = null;
  recorder?.stop();
  offer(false);
  own.track.stop();
  video.srcObject = null;
  leave(own);
  setText("start", say("Start camera"));
  sentence ? setText("message", sentence) : where();
}

function left() {
  if (run) stop(say("The camera was stopped when you left this tab. Start it to continue."));
}

function wanted() {
  const { width, height } = props.value;
  return { width: { ideal: width }, height: { ideal: height } };
}

function arrived(now, { presentedFrames, presentationTime }) {
  if (!run) return;
  run.came += run.last === null ? 1 : presentedFrames - run.last;
  run.last = presentedFrames;
  recent(run.arrivals, { now: presentationTime, many: run.came });
  run.fresh = true;
  next(run);
  video.requestVideoFrameCallback(arrived);
}

async function next(own) {
  if (own !== run || !own.fresh || own.waiting || own.came - own.taken < own.every) return;
  Object.assign(own, { fresh: false, waiting: true, sent: own.sent + 1, taken: own.came });
  try {
    const start = performance.now();
    draw(taken, video, video.videoWidth, video.videoHeight);
    const answer = await (stays() ? here(own) : there(own));
    own.waiting = false;
    if (own !== run) return leave(own);
    if (answer?.error) return stop(answer.error);
    if (answer) show(own, answer, start); // else a network is being made ready
  } catch (error) {
    own.waiting = false;
    if (own !== run) return leave(own);
    return stop(say("The image cannot be displayed: {reason}", { reason: error.message }));
  }
  next(own);
}

// Frees a stream's place on the server; after its last answer, or that frame, which may be overtaken, would take it again.
function leave(own) {
  if (own.asked && !own.waiting) server.left(own.id);
}

// The frame that was taken, sharpened in this browser.
async function here(own) {
  if (own.asked) server.left(own.id); // which frees the place there
  own.asked = false;
  const { enhancer } = props.value;
  try {
    const answer = await edge.live.sharpened(taken, { ...props.value, seconds: props.allowed });
    return answer && { ...answer, enhancer, device: say("in this browser: {device}", edge.live) };
  } catch (error) {
    return { error: error.message };
  }
}

// The same on the server.
async function there(own) {
  own.asked = true;
  const { enhancer, options, adapt, strength } = props.value;
  const frame = taken.toDataURL("image/jpeg", QUALITY);
  const answer = await server.sharpened({ stream: own.id, enhancer, options, adapt, strength, frame });
  if (!answer || answer.error) return { error: answer?.error ?? say("The server does not respond. Start again.") };
  const image = new Image();
  image.src = answer.frame;
  await image.decode();
  return { ...answer, image, every: 1, device: props.device };
}

function show(own, answer, start) {
  own.every = answer.every;
  part("view").style.aspectRatio = taken.width / taken.height;
  draw(part("camera"), taken, taken.width, taken.height);
  draw(part("sharpened"), answer.image, taken.width, taken.height, answer.at);
  if (recorder) beside();
  offer(true);
  // Just before it is painted.
  requestAnimationFrame(() => own === run && count(answer, start, performance.now()));
}

function draw(canvas, image, width, height, at = 0) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(image, -at, -at);
}

// What a list holds of the last moments, with one more; never less than two, so that there is a rate.
function recent(list, added) {
  list.push(added);
  while (list.length > 2 && added.now - list[0].now > WINDOW) list.shift();
}

function rate(list) {
  const [first, last] = [list[0], list.at(-1)];
  return list.length < 2 ? "-" : ((last.many - first.many) * 1000 / (last.now - first.now)).toFixed(1);
}

function count({ enhancer, seconds, step, found, reason, trying, device }, start, now) {
  const { shown, arrivals, came, sent, fresh } = run;
  const dropped = came - sent - fresh;
  if (!run.loaded || trying) {
    // What was dropped while steps were loaded and tried says nothing of their speed, nor does that frame's latency.
    run.loaded = !trying;
    run.early = dropped;
    return setText("message", trying ? say("Trying which steps this machine has the speed for.") : "");
  }
  recent(shown, { now, many: sent, latency: now - start, work: seconds * 1000 });
  const mean = (name) => Math.round(shown.reduce((sum, one) => sum + one[name], 0) / shown.length) + " ms";
  setText("rate", rate(shown));
  setText("camera-rate", say("camera: {rate}", { rate: rate(arrivals) }));
  setText("latency", mean("latency"));
  setText("work", mean("work"));
  setText("name", say("{enhancer}, share of the latency", { enhancer }));
  setText("step", step);
  setText("reason", reason || say("what is run on a frame"));
  setText("found", found);
  setText("dropped", dropped - run.early);
  setText("frames", say("of {frames} frames", { frames: came - run.early }));
  setText("device", say("{enhancer} runs {device}. Frames of {width} x {height} pixels.", {
    enhancer, device, width: taken.width, height: taken.height,
  }));
}

function beside() {
  const [camera, result] = [part("camera"), part("sharpened")];
  if (pair.width !== 2 * camera.width || pair.height !== camera.height) {
    Object.assign(pair, { width: 2 * camera.width, height: camera.height });
  }
  const context = pair.getContext("2d");
  context.drawImage(camera, 0, 0);
  context.drawImage(result, camera.width, 0);
}

function offer(ready) {
  part("snapshot").disabled = !ready;
  part("record").disabled = !ready || Boolean(recorder) || !window.MediaRecorder;
}

function download(blob, name) {
  const link = part("download");
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
}

// Made here, so that no frame is stored on the server. Browsers compress what they record: a snapshot is exact.
function record() {
  // VP8 first: VP9 in software takes from the enhancer what little processor there is.
  const kinds = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];
  const kind = kinds.find((one) => MediaRecorder.isTypeSupported(one));
  if (!kind) return setText("message", say("This browser cannot record."));
  beside();
  const parts = [];
  const own = (recorder = new MediaRecorder(pair.captureStream(), { mimeType: kind, videoBitsPerSecond: RATE }));
  own.ondataavailable = ({ data }) => {
    parts.push(data);
    const size = parts.reduce((sum, one) => sum + one.size, 0);
    if (recorder === own) setText("record", say("Recording: {size} kB", { size: Math.ceil(size / 1000) }));
  };
  own.onstop = () => {
    clearTimeout(over);
    recorder = null;
    setText("record", say("Record {seconds} s", { seconds: props.seconds }));
    offer(Boolean(run));
    const clip = new Blob(parts, { type: kind });
    if (!clip.size) return setText("message", say("Nothing was recorded yet. Record for longer."));
    download(clip, "before-after." + kind.match(/webm|mp4/)[0]);
  };
  own.start(SLICE);
  const over = setTimeout(() => own.state === "recording" && own.stop(), props.seconds * 1000);
  setText("record", say("Recording"));
  offer(true);
}

function move(to) {
  part("line").value = to;
  part("view").style.setProperty("--line", to + "%");
}

function drag(event) {
  if (!event.buttons) return;
  const { left, width } = part("view").getBoundingClientRect();
  move(Math.min(100, Math.max(0, (event.clientX - left) * 100 / width)));
}

part("start").onclick = () => (run ? stop() : start());
part("snapshot").onclick = () => {
  beside();
  pair.toBlob((blob) => download(blob, "before-after.png"), "image/png");
};
part("record").onclick = record;
part("line").oninput = (event) => move(event.target.value);
part("view").onpointermove = drag;
part("view").onpointerdown = (event) => {
  part("view").setPointerCapture(event.pointerId);
  drag(event);
};
watch("value", () => {
  where();
  run?.track.applyConstraints(wanted()).catch(() => {}); // a camera may have that size only
});
// Another tab was chosen, of the browser or of this page: nobody wants to be filmed by what they do not see.
document.addEventListener("visibilitychange", () => document.hidden && left());
new ResizeObserver(([{ contentRect }]) => contentRect.width || left()).observe(part("view"));
if (!video.requestVideoFrameCallback || !navigator.mediaDevices) {
  part("start").disabled = true;
  setText("message", window.isSecureContext
    ? say("This browser does not support camera access.")
    : say("Camera access requires https, or http://localhost on this computer."));
} else begun = begin();
