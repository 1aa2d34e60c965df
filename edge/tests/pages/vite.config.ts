import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { assemblyscript } from "../../tools/assemblyscript.ts";

/** Builds the pages of this folder for tests in a browser: `vite build --config tests/pages/vite.config.ts --outDir DIR`. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  plugins: [assemblyscript()],
  build: {
    target: "es2023",
    emptyOutDir: true,
    rolldownOptions: { input: ["wasm", "estimate", "clips", "calls"].map((name) => fileURLToPath(new URL(`${name}.html`, import.meta.url))) },
  },
});
