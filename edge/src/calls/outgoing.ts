/// <reference types="dom-mediacapture-transform" />
/** The sharpened frames as a track: by MediaStreamTrackGenerator where there is one, else by the canvas's own stream. */

export interface Outgoing {
  readonly track: MediaStreamTrack;
  /** Sends what the canvas shows; `timestamp` in microseconds. */
  send(timestamp: number): Promise<void>;
  stop(): void;
}

export function outgoing(canvas: HTMLCanvasElement): Outgoing {
  return "MediaStreamTrackGenerator" in window ? generated(canvas) : captured(canvas);
}

function generated(canvas: HTMLCanvasElement): Outgoing {
  const track = new MediaStreamTrackGenerator({ kind: "video" });
  const writer = track.writable.getWriter();
  return {
    track,
    async send(timestamp) {
      const frame = new VideoFrame(canvas, { timestamp });
      try {
        await writer.write(frame);
      } catch {
        // Whoever had the track has stopped it; the canvas still shows the frames.
      } finally {
        frame.close();
      }
    },
    stop() {
      void writer.close().catch(() => {});
      track.stop();
    },
  };
}

function captured(canvas: HTMLCanvasElement): Outgoing {
  const [track] = canvas.captureStream().getVideoTracks();
  return { track, send: async () => {}, stop: () => track.stop() };
}
