import { defineConfig } from "vite";

import { offline } from "./vite/offline.ts";

// Files keep their names from build to build: the service worker's hash says when one changed.
export default defineConfig({
  base: "./",
  plugins: [offline()],
  build: {
    target: "es2023",
    outDir: "../sharpcli/web/edge",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What the tab Live of `sharpcli demo` imports is an entry with exports.
      preserveEntrySignatures: "exports-only",
      input: { index: "index.html", sw: "src/sw.ts", live: "src/live/live.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
