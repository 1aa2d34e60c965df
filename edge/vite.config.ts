import { defineConfig } from "vite";

import { assemblyscript } from "./tools/assemblyscript.ts";
import { offline } from "./tools/offline.ts";

// Files keep their names from build to build: the service worker's hash says when one changed.
const names = { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" };

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
      // What the tab Live of `sharpcli demo` imports is an entry with exports.
      preserveEntrySignatures: "exports-only",
      input: { index: "index.html", sw: "src/sw.ts", live: "src/live/live.ts" },
      output: names,
    },
  },
});
