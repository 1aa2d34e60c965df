/// <reference types="dom-mediacapture-transform" />
/** The frames of a track as they come: by MediaStreamTrackProcessor where there is one, else from a video element. */

export interface Incoming {
  source: VideoFrame | HTMLVideoElement;
  width: number;
  height: number;
  /** Microseconds. */
  timestamp: number;
  close(): void;
}

export interface Frames {
  /** Whether the browser holds frames back while the page is in the background. */
  readonly pauses: boolean;
  stop(): void;
}

/** Hands each frame of a track to `take`, which closes it, until the track ends or `stop` is called. */
export function framesOf(track: MediaStreamTrack, take: (frame: Incoming) => void, ended: () => void): Frames {
  return "MediaStreamTrackProcessor" in window ? processed(track, take, ended) : played(track, take, ended);
}

function processed(track: MediaStreamTrack, take: (frame: Incoming) => void, ended: () => void): Frames {
  const reader = new MediaStreamTrackProcessor({ track: track as MediaStreamVideoTrack }).readable.getReader();
  let stopped = false;
  const read = async (): Promise<void> => {
    for (;;) {
      const { value: frame } = await reader.read();
      if (!frame || stopped) {
        frame?.close();
        break;
      }
      const { displayWidth: width, displayHeight: height, timestamp } = frame;
      take({ source: frame, width, height, timestamp, close: () => frame.close() });
    }
    if (!stopped) ended();
  };
  read().catch(() => stopped || ended());
  return {
    pauses: false,
    stop() {
      stopped = true;
      void reader.cancel().catch(() => {});
    },
  };
}

function played(track: MediaStreamTrack, take: (frame: Incoming) => void, ended: () => void): Frames {
  const video = document.createElement("video");
  video.muted = video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  let stopped = false;
  const next = (): number =>
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (stopped) return;
      // What comes with the frame may be the camera's size before the browser reduced it.
      const { videoWidth: width, videoHeight: height } = video;
      take({ source: video, width, height, timestamp: Math.round(mediaTime * 1e6), close: () => {} });
      next();
    });
  next();
  void video.play().catch(() => {});
  track.addEventListener("ended", ended);
  return {
    pauses: true,
    stop() {
      stopped = true;
      track.removeEventListener("ended", ended);
      video.pause();
      video.srcObject = null;
    },
  };
}
