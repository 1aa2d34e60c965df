/** Vite's plugin for the service worker: tells it which files the page consists of, and which build they are of. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

const WORKER = "sw.js";
/** Files that most visitors never need, larger than all the rest: kept once they were asked for. */
const LATER = /^networks\/estimator/;

/** Files of `folder` as the page asks for them, with slashes. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/")).sort();
}

export function offline(): Plugin {
  let folder = "";
  return {
    name: "sharpcli-offline",
    apply: "build",
    configResolved: (config) => void (folder = config.publicDir),
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== "chunk") return; // of a library
        const made = Object.values(bundle).filter((one) => one !== worker);
        const still = filesIn(folder);
        const hash = createHash("sha256").update(worker.code);
        for (const one of made) hash.update(one.fileName).update(one.type === "chunk" ? one.code : one.source);
        for (const name of still) hash.update(name).update(readFileSync(join(folder, name)));
        const files = [...made.map((one) => one.fileName), ...still].filter((name) => !LATER.test(name)).sort();
        worker.code = worker.code
          .replace("__FILES__", () => JSON.stringify(files))
          .replace("__BUILD__", () => JSON.stringify(hash.digest("hex").slice(0, 16)));
      },
    },
  };
}
