/** What a sharpened copy will not have of a clip, in a sentence each: nothing is dropped without a word. */

import { MATROSKA, WEBM } from "mediabunny";
import type { Clip } from "./clip";
import { isDeep } from "./planes";

/** Kinds of things that are not read, by the marks that say in a file that they are there. */
const BOXES: Record<string, string> = {
  text: "subtitles",
  sbtl: "subtitles",
  subt: "subtitles",
  clcp: "subtitles",
  chpl: "chapters",
  tmcd: "time codes",
};
const CHAPTERS = 0x1043a770;
const TRACKS = 0x1654ae6b;
const SEGMENT = 0x18538067;
const TRACK = 0xae;
const TRACK_TYPE = 0x83;
const SUBTITLES = 17;
/** Bytes of a header that are looked through at most. */
const MOST = 1 << 24;

/** What is known before the first frame; `frame` is that one, decoded. */
export async function uncarried(file: Blob, clip: Clip, frame: VideoFrame | undefined): Promise<string[]> {
  const { input, video, format } = clip;
  const found = format === WEBM || format === MATROSKA ? await inMatroska(file) : await inBoxes(file);
  const others = (await input.getVideoTracks()).length - 1;
  const notes = [...found].map((what) => `Its ${what} are not carried over.`);
  if (others > 0) notes.push(`Only the first of its ${others + 1} video tracks is carried over.`);
  if (await video.hasHighDynamicRange()) notes.push("Its high dynamic range is carried over with 8 bits only.");
  else if (frame && isDeep(frame)) notes.push("Its 10 or more bits a sample become 8.");
  // Encoders mark what they write, and browsers show what is not marked by this.
  if (!(await video.getColorSpace()).matrix && frame?.colorSpace.matrix) notes.push(`It does not say what its colours are, and is marked now with what this browser takes them for (${frame.colorSpace.matrix}).`);
  if (await video.canBeTransparent()) notes.push("Its transparency is not carried over.");
  return notes;
}

/** The handlers and user data of an MP4's or MOV's `moov`. */
async function inBoxes(file: Blob): Promise<Set<string>> {
  for (let at = 0; at + 8 <= file.size; ) {
    const header = new DataView(await file.slice(at, at + 16).arrayBuffer());
    const [short, name] = [header.getUint32(0), header.getUint32(4)];
    const size = short === 1 && header.byteLength === 16 ? Number(header.getBigUint64(8)) : short || file.size - at;
    if (size < 8) break;
    if (name === 0x6d6f6f76) return handlers(new Uint8Array(await file.slice(at, at + Math.min(size, MOST)).arrayBuffer()));
    at += size;
  }
  return new Set();
}

function handlers(moov: Uint8Array): Set<string> {
  const text = new TextDecoder("latin1").decode(moov);
  // A box's name, version and flags, a reserved number, then what the track is.
  const kinds = [...text.matchAll(/hdlr[^]{8}([a-z]{4})/g)].map(([, kind]) => kind);
  if (text.includes("chpl")) kinds.push("chpl");
  return new Set(kinds.filter((kind) => kind in BOXES).map((kind) => BOXES[kind]));
}

/** The elements of a Matroska file's segment, from one to the next until the file ends. */
async function inMatroska(file: Blob): Promise<Set<string>> {
  const found = new Set<string>();
  for (let at = 0; at < file.size; ) {
    const head = new Uint8Array(await file.slice(at, at + 12).arrayBuffer());
    const element = elementAt(head, 0);
    if (!element) break;
    const begin = at + element.begin;
    if (element.id === CHAPTERS) found.add("chapters");
    if (element.id === TRACKS && element.size < MOST) {
      const tracks = new Uint8Array(await file.slice(begin, begin + element.size).arrayBuffer());
      if (hasSubtitles(tracks)) found.add("subtitles");
    }
    // The segment holds all others; where one does not say its size, nobody can go on to the next.
    if (element.id === SEGMENT) at = begin;
    else if (Number.isNaN(element.size)) break;
    else at = begin + element.size;
  }
  return found;
}

function hasSubtitles(tracks: Uint8Array): boolean {
  return children(tracks, TRACK).some((track) => children(track, TRACK_TYPE).some((type) => type[0] === SUBTITLES));
}

function children(parent: Uint8Array, id: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0, one = elementAt(parent, 0); one; one = elementAt(parent, at)) {
    const end = one.begin + one.size;
    if (one.id === id) found.push(parent.subarray(one.begin, end));
    if (Number.isNaN(end)) break;
    at = end;
  }
  return found;
}

/** An element's name and size, NaN where it is unknown, and where its content begins. */
function elementAt(bytes: Uint8Array, at: number): { id: number; size: number; begin: number } | undefined {
  const name = numberAt(bytes, at, true);
  const size = name && numberAt(bytes, name.end, false);
  return name && size && { id: name.value, size: size.value, begin: size.end };
}

/** Matroska's numbers of 1 to 8 bytes: the first says by its leading zeros how many, and names keep that mark. */
function numberAt(bytes: Uint8Array, at: number, marked: boolean): { value: number; end: number } | undefined {
  const length = Math.clz32(bytes[at]) - 23;
  if (at >= bytes.length || length > 8 || at + length > bytes.length) return undefined;
  let value = marked ? bytes[at] : bytes[at] & (0xff >> length);
  let unknown = value === 0xff >> length;
  for (let next = at + 1; next < at + length; next++) {
    value = value * 256 + bytes[next];
    unknown &&= bytes[next] === 0xff;
  }
  return { value: !marked && unknown ? NaN : value, end: at + length };
}
