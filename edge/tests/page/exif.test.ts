import { describe, expect, it } from "vitest";
import { carried, withExif } from "../../src/page/exif";

/** A TIFF header with one directory of one entry, orientation 6, and a second directory for a thumbnail. */
function exif(little: boolean): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(40));
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 1, little);
  [0x112, 3].forEach((value, at) => view.setUint16(10 + 2 * at, value, little));
  view.setUint32(14, 1, little);
  view.setUint16(18, 6, little);
  view.setUint32(22, 26, little);
  return new Uint8Array(view.buffer);
}

describe("EXIF of a picture", () => {
  it.each([true, false])("has no thumbnail, and orientation 1 where pixels were turned, little-endian %s", (little) => {
    const given = exif(little);
    const view = new DataView(carried(given, true)!.buffer);
    expect(view.getUint16(18, little)).toBe(1);
    expect(view.getUint32(22, little)).toBe(0);
    expect(new DataView(given.buffer).getUint16(18, little)).toBe(6);
    expect(carried(Uint8Array.of(0x45, 0x78, 0x69, 0x66, 0, 0, ...given), true)).toEqual(carried(given, true));
    expect(new DataView(carried(given, false)!.buffer).getUint16(18, little)).toBe(6);
  });

  it("is none where it is cut off or something else", () => {
    for (const length of [0, 3, 7, 9, 20, 25]) expect(carried(exif(true).subarray(0, length), true)).toBeUndefined();
    expect(carried(new Uint8Array(40), true)).toBeUndefined();
  });

  it("is not written where it has no room, or no place that is known", async () => {
    const size = { width: 1, height: 1 };
    expect(await withExif(new Blob([new Uint8Array(9)], { type: "image/jpeg" }), new Uint8Array(65_528), size)).toBeUndefined();
    expect(await withExif(new Blob([new Uint8Array(9)], { type: "image/avif" }), exif(true), size)).toBeUndefined();
  });
});
