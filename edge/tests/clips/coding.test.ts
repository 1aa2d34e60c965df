import { MkvOutputFormat, Mp4OutputFormat, WebMOutputFormat } from "mediabunny";
import { afterEach, expect, test, vi } from "vitest";
import { chooseCoding } from "../../src/clips/coding";

const CLIP = { width: 1920, height: 1080, rate: 30, bitrate: 1e6 };

/** A browser that encodes codecs whose names begin so. mediabunny remembers what it asked for: sizes differ by test. */
function encodes(...known: string[]): void {
  vi.stubGlobal("VideoFrame", class {});
  vi.stubGlobal("EncodedVideoChunk", class {});
  vi.stubGlobal(
    "VideoEncoder",
    class {
      static isConfigSupported = async (config: VideoEncoderConfig) => ({
        supported: known.some((name) => config.codec.startsWith(name)),
        config,
      });
    },
  );
}

afterEach(() => vi.unstubAllGlobals());

test("the clip's own codec is kept where it can be written", async () => {
  encodes("avc1", "vp09");
  expect(await chooseCoding("vp9", new WebMOutputFormat(), CLIP)).toMatchObject({ codec: "vp9", note: "" });
});

test("another codec is taken where it cannot, and that is said", async () => {
  encodes("avc1", "vp09");
  const { codec, note } = await chooseCoding("hevc", new Mp4OutputFormat(), CLIP);
  expect(codec).toBe("avc");
  expect(note).toBe("This browser cannot write H.265, so the clip becomes H.264.");
});

test("only what the container holds is taken", async () => {
  encodes("avc1", "vp09");
  expect((await chooseCoding("vp8", new WebMOutputFormat(), { ...CLIP, width: 1281 })).codec).toBe("vp9");
});

test("where nothing can be written, a sentence says so", async () => {
  encodes();
  await expect(chooseCoding("vp8", new MkvOutputFormat(), { ...CLIP, width: 1922 })).rejects.toThrow(
    "This browser cannot write video of 1922 x 1080 pixels for .mkv files; use another browser, or sharpcli enhance.",
  );
});

test("sharpened detail is given bits: more than the clip had, and never too few", async () => {
  encodes("avc1");
  const rich = await chooseCoding("avc", new Mp4OutputFormat(), { ...CLIP, bitrate: 2e7 });
  expect(rich.bitrate).toBe(4e7);
  const poor = await chooseCoding("avc", new Mp4OutputFormat(), { ...CLIP, bitrate: 1e5 });
  expect(poor.bitrate).toBeGreaterThan(1e7);
});
