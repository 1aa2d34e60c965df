import { basename, dirname } from "node:path";
import { defineConfig } from "vite";

import { assemblyscript } from "./tools/assemblyscript.ts";
import { offline } from "./tools/offline.ts";

/** Of a module `clips/panel.ts` or `wasm/worker.ts`, whose own name several have, `clips-panel.js`. */
function named({ name, facadeModuleId }: { name: string; facadeModuleId?: string | null }): string {
  const common = name === "panel" || name === "worker";
  return common && facadeModuleId ? `${basename(dirname(facadeModuleId))}-${name}.js` : "[name].js";
}

// Files keep their names from build to build: the service worker's hash says when one changed.
const names = { entryFileNames: named, chunkFileNames: named, assetFileNames: "[name][extname]" };

export default defineConfig({
  base: "./",
  plugins: [assemblyscript(), offline()],
  worker: { format: "es", plugins: () => [assemblyscript()], rolldownOptions: { output: names } },
  build: {
    target: "es2023",
    outDir: "../sharpcli/web/edge",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // What other pages import is an entry with exports.
      preserveEntrySignatures: "exports-only",
      input: { index: "index.html", sw: "src/sw.ts", live: "src/live/live.ts" },
      output: names,
    },
  },
});
