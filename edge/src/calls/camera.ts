/** The camera, or a sentence that says why there is none. */

const REASONS: Record<string, string> = {
  NotAllowedError: "The browser was not allowed to use the camera; allow it beside the page's address and try again.",
  NotFoundError: "No camera was found; plug one in and try again.",
  NotReadableError: "The camera is in use by another program, or switched off; close that program and try again.",
  OverconstrainedError: "The camera offers no pictures of this size; choose another size.",
  AbortError: "The camera stopped while it was being opened; try again.",
};

/** The camera's track; rejects with a sentence. */
export async function openCamera(wanted: MediaTrackConstraints = {}): Promise<MediaStreamTrack> {
  // There on pages from https and this machine only.
  if (!navigator.mediaDevices) throw new Error("A page may use the camera only if it comes from https or from this machine.");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    return stream.getVideoTracks()[0];
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    throw new Error(REASONS[name] ?? `The camera could not be opened (${name || error}).`, { cause: error });
  }
}
