/** A decoded frame's samples: luma is changed as it is coded, as sharpcli/video does, and the rest stays byte for byte. */

const DEEP = /^I4(20|22|44)A?P1[02]$/;
const PLANAR = ["I420", "I420A", "I422", "I422A", "I444", "I444A", "NV12"];

/** What is kept of a frame: the buffer is used again for the next one of its size. */
export class Planes {
  private bytes = new Uint8Array(0);
  private layout: PlaneLayout[] = [];
  private init?: VideoFrameBufferInit;

  /** Luma of a frame as gray pixels, or R, G and B of one that has these. Whether it had more than 8 bits is in `deep`. */
  async read(frame: VideoFrame): Promise<ImageData> {
    const { codedFormat, deep } = kindOf(frame);
    const rect = frame.visibleRect ?? new DOMRectReadOnly(0, 0, frame.codedWidth, frame.codedHeight);
    const { width, height } = rect;
    this.init = {
      format: codedFormat,
      codedWidth: width,
      codedHeight: height,
      timestamp: frame.timestamp,
      duration: frame.duration ?? undefined,
      displayWidth: frame.displayWidth,
      displayHeight: frame.displayHeight,
      colorSpace: codedFormat === "RGBX" ? undefined : frame.colorSpace.toJSON(),
    };
    if (codedFormat === "RGBX") return this.readColors(frame, width, height);
    this.fit(frame.allocationSize());
    this.layout = await frame.copyTo(this.bytes);
    if (deep) this.reduce(frame.format?.endsWith("12") ? 4 : 2);
    const pixels = new ImageData(width, height);
    const words = new Uint32Array(pixels.data.buffer);
    const [{ offset, stride }] = this.layout;
    for (let row = 0, at = 0; row < height; row++) {
      const begin = offset + row * stride;
      for (let column = 0; column < width; column++) words[at++] = 0xff000000 | (this.bytes[begin + column] * 0x010101);
    }
    return pixels;
  }

  /** The frame that was read last with these pixels instead; the caller closes it. */
  with(pixels: ImageData): VideoFrame {
    const { init, layout, bytes } = this;
    if (!init) throw new Error("No frame was read.");
    if (init.format === "RGBX") return new VideoFrame(pixels.data, init);
    const [{ offset, stride }] = layout;
    for (let row = 0, at = 0; row < pixels.height; row++) {
      const begin = offset + row * stride;
      for (let column = 0; column < pixels.width; column++, at += 4) bytes[begin + column] = pixels.data[at];
    }
    return new VideoFrame(bytes, { ...init, layout });
  }

  private async readColors(frame: VideoFrame, width: number, height: number): Promise<ImageData> {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("The browser has no memory for a frame.");
    context.drawImage(frame, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  }

  /** Samples of 10 or 12 bits in two bytes become 8 in one, rounded. */
  private reduce(bits: number): void {
    const samples = new Uint16Array(this.bytes.buffer, 0, this.bytes.length >> 1);
    const half = 1 << (bits - 1);
    const reduced = Uint8Array.from(samples, (sample) => Math.min(255, (sample + half) >> bits));
    this.bytes = reduced;
    this.layout = this.layout.map(({ offset, stride }) => ({ offset: offset >> 1, stride: stride >> 1 }));
  }

  private fit(size: number): void {
    if (this.bytes.length !== size) this.bytes = new Uint8Array(size);
  }
}

/** Whether a frame has more than 8 bits a sample. */
export function isDeep(frame: VideoFrame): boolean {
  return DEEP.test(frame.format ?? "");
}

function kindOf(frame: VideoFrame): { codedFormat: VideoPixelFormat; deep: boolean } {
  const format: string = frame.format ?? "";
  const deep = isDeep(frame);
  if (deep) return { codedFormat: format.replace(/P1[02]$/, "") as VideoPixelFormat, deep };
  return { codedFormat: PLANAR.includes(format) ? (format as VideoPixelFormat) : "RGBX", deep };
}
