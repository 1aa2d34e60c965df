/** Two peer connections in one page: what one sends at few bits, the other receives and sharpens. */

import { openCamera, sharpen } from "../package/dist/index.js";

const BITS = 150_000; // a second: a bad line
const [start, stop, status, received, sharp] = ["start", "stop", "status", "received", "sharp"].map((id) => document.getElementById(id));
let hangUp = () => {};

start.onclick = async () => {
  start.disabled = true;
  try {
    hangUp = await call(await openCamera({ width: 640, height: 360 }));
    stop.disabled = false;
  } catch (error) {
    status.textContent = error.message;
    start.disabled = false;
  }
};
stop.onclick = () => {
  hangUp();
  stop.disabled = true;
  start.disabled = false;
  status.textContent = "";
};

/** Begins a call with a camera's track; returns what ends it. */
async function call(camera) {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
  let sharpened;
  there.ontrack = ({ track }) => {
    received.srcObject = new MediaStream([track]);
    sharpened = sharpen(track, { onStatus: ({ sentence }) => (status.textContent = sentence) });
    sharp.srcObject = sharpened.stream;
  };
  const sender = here.addTrack(camera);
  await here.setLocalDescription();
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  await here.setRemoteDescription(there.localDescription);
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) encoding.maxBitrate = BITS;
  await sender.setParameters(parameters);
  return () => {
    sharpened?.stop();
    here.close();
    there.close();
    camera.stop();
  };
}
