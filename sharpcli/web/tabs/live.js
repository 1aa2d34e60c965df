// Run by gr.HTML with `element`, `props`, `server` and `watch` when the tab Live is first shown. One frame is in
// progress at a time: the newest when the last answer arrived. So nothing can queue; frames in between are dropped.
const WINDOW = 2000; // milliseconds over which rates and means are taken
const QUALITY = 0.95; // of the JPEG that goes to the server: coarser, and the enhancer would sharpen its artefacts
const REFUSALS = {
  NotAllowedError: "Camera access was denied. Allow it for this page in the browser, then start again.",
  NotFoundError: "No camera found. Connect one, then start again.",
  NotReadableError: "The camera delivers no image. It may be in use by another program.",
};

const part = (name) => element.querySelector("#live-" + name);
const setText = (name, text) => (part(name).textContent = text);
const video = document.createElement("video");
const taken = document.createElement("canvas");
let run = null; // the stream that runs now

async function start() {
  part("start").disabled = true;
  setText("message", "Waiting for the camera.");
  try {
    const media = await navigator.mediaDevices.getUserMedia({ video: wanted() });
    const [track] = media.getVideoTracks();
    run = {
      id: crypto.randomUUID(), track, last: null, fresh: false, waiting: false, loaded: false, early: 0,
      came: 0, sent: 0, arrivals: [], shown: [],
    };
    track.onended = () => stop("The camera was disconnected.");
    video.muted = video.playsInline = true;
    video.srcObject = media;
    video.requestVideoFrameCallback(arrived);
    setText("start", "Stop camera");
    setText("message", "Waiting for the first sharpened frame.");
    await video.play();
    if (!element.checkVisibility()) stop();
  } catch (error) {
    const sentence = REFUSALS[error.name] ?? "The camera cannot be used: " + error.message;
    if (run) stop(sentence);
    else if (error.name !== "AbortError") setText("message", sentence); // which is a start that was stopped
  } finally {
    part("start").disabled = false;
  }
}

function stop(sentence = "") {
  const { id, track } = run;
  run = null;
  track.stop();
  video.srcObject = null;
  server.left(id);
  setText("start", "Start camera");
  setText("message", sentence);
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
  if (own !== run || !own.fresh || own.waiting || document.hidden) return;
  own.fresh = false;
  own.waiting = true;
  own.sent += 1;
  try {
    const start = performance.now();
    draw(taken, video, video.videoWidth, video.videoHeight);
    const { enhancer, options } = props.value;
    const frame = taken.toDataURL("image/jpeg", QUALITY);
    const answer = await server.sharpened({ stream: own.id, enhancer, options, frame });
    if (own !== run) return;
    if (!answer || answer.error) return stop(answer?.error ?? "The server does not respond. Start again.");
    const result = new Image();
    result.src = answer.frame;
    await result.decode();
    if (own !== run) return;
    part("view").style.aspectRatio = taken.width / taken.height;
    draw(part("camera"), taken, taken.width, taken.height);
    draw(part("sharpened"), result, taken.width, taken.height);
    // Just before it is painted.
    requestAnimationFrame(() => own === run && count(answer, start, performance.now()));
  } catch (error) {
    if (own === run) stop("The image cannot be displayed: " + error.message);
    return;
  }
  own.waiting = false;
  next(own);
}

function draw(canvas, image, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0);
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

function count({ enhancer, seconds }, start, now) {
  const { shown, arrivals, came, sent, fresh } = run;
  const dropped = came - sent - fresh;
  if (!run.loaded) {
    // What was dropped while the enhancer was loaded says nothing of its speed, nor does that frame's latency.
    run.loaded = true;
    run.early = dropped;
    return setText("message", "");
  }
  recent(shown, { now, many: sent, latency: now - start, work: seconds * 1000 });
  const mean = (name) => Math.round(shown.reduce((sum, one) => sum + one[name], 0) / shown.length) + " ms";
  setText("rate", rate(shown));
  setText("camera-rate", "camera: " + rate(arrivals));
  setText("latency", mean("latency"));
  setText("work", mean("work"));
  setText("name", enhancer + ", share of the latency");
  setText("dropped", dropped - run.early);
  setText("frames", "of " + (came - run.early) + " frames");
  setText("device", enhancer + " runs " + props.device + ". Frames of " + taken.width + " x " + taken.height + " pixels.");
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
part("line").oninput = (event) => move(event.target.value);
part("view").onpointermove = drag;
part("view").onpointerdown = (event) => {
  part("view").setPointerCapture(event.pointerId);
  drag(event);
};
watch("value", () => run?.track.applyConstraints(wanted()).catch(() => {})); // a camera may have that size only
// What a hidden page drops is not for want of speed.
document.addEventListener("visibilitychange", () => run && (run.last = null));
// Another tab of this page was chosen.
new ResizeObserver(([{ contentRect }]) => run && !contentRect.width && stop()).observe(part("view"));
if (!video.requestVideoFrameCallback || !navigator.mediaDevices) {
  part("start").disabled = true;
  setText("message", window.isSecureContext
    ? "This browser does not support camera access."
    : "Camera access requires https, or http://localhost on this computer.");
}
