import { describe, expect, it } from "vitest";
import { lookInto } from "../../src/page/metadata";

const bytes = (...parts: (string | number[])[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((one) => one.charCodeAt(0)) : part)));
const XMP = bytes("XMP ", [4, 0, 0, 0], "<x/>");

describe("what is found in a file", () => {
  it("is found behind the pixels of a large WebP", async () => {
    const pixels = new Uint8Array(3 << 20);
    const size = [pixels.length & 255, (pixels.length >> 8) & 255, pixels.length >> 16, 0];
    const file = new Blob([bytes("RIFF", [0, 0, 0, 0], "WEBP"), bytes("VP8 ", size), pixels, XMP]);
    expect((await lookInto(file)).lost).toEqual(["XMP"]);
  });

  it("is nothing in files that are something else, empty or cut off", async () => {
    for (const file of ["", "RIFF", "RIFF....WEBP", "RIFF....WEBPXMP ", "\x89PNG"]) {
      expect(await lookInto(new Blob([bytes(file)]))).toEqual({ exif: undefined, lost: [], wide: false });
    }
  });
});
