/** Where a clip is written to, piece by piece: a file that the user chose, one of the page's own, or parts in a Blob. */

import type { StreamTargetChunk } from "mediabunny";

export interface Destination {
  readonly writable: WritableStream<StreamTargetChunk>;
  /** The file, after the stream was closed. */
  file(): Promise<Blob>;
  /** Deletes what was written. */
  discard(): Promise<void>;
}

/** A file that the user chose; it appears when it is whole. */
export async function chosenFile(handle: FileSystemFileHandle): Promise<Destination> {
  return { writable: await handle.createWritable(), file: () => handle.getFile(), discard: () => removed(handle) };
}

const FOLDER = "sharpcli-clips";
/** Milliseconds after which a file of the page's own has been saved, or never will be. */
const OLD = 3_600_000;

/** A file of the page's own that nobody else sees; in parts in a Blob where the browser has no such files. */
export async function privateFile(name: string): Promise<Destination> {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
    const handle = await folder.getFileHandle(name, { create: true });
    const writable = await handle.createWritable();
    return { writable, file: () => handle.getFile(), discard: () => folder.removeEntry(name).catch(() => {}) };
  } catch {
    return parts();
  }
}

/** Deletes the page's own files of earlier clips; one that is just written to stays. */
export async function forgetOld(age = OLD): Promise<void> {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER);
    for await (const one of (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values()) {
      if (one.kind !== "file") continue;
      const { lastModified } = await (one as FileSystemFileHandle).getFile();
      if (Date.now() - lastModified >= age) await folder.removeEntry(one.name).catch(() => {});
    }
  } catch {
    // No such folder: nothing to delete.
  }
}

/** Parts in a Blob, which browsers keep on disk where there are many. */
export function parts(): Destination {
  let whole: Blob[] = [];
  const writable = new WritableStream<StreamTargetChunk>({
    write: ({ data, position }) => void (whole = written(whole, data, position)),
  });
  return {
    writable,
    file: async () => new Blob(whole),
    discard: async () => void (whole = []),
  };
}

/** The parts with some bytes at a place, behind the end or over what is there. */
function written(whole: Blob[], data: Uint8Array<ArrayBuffer>, position: number): Blob[] {
  const end = whole.reduce((sum, part) => sum + part.size, 0);
  if (position >= end) return [...whole, new Blob([new Uint8Array(position - end), data])];
  const all = new Blob(whole);
  const behind = position + data.length;
  return [all.slice(0, position), new Blob([data]), ...(behind < end ? [all.slice(behind)] : [])];
}

async function removed(handle: FileSystemFileHandle): Promise<void> {
  // Not in every browser; an unfinished file is not there anyway.
  await (handle as { remove?(): Promise<void> }).remove?.().catch(() => {});
}
