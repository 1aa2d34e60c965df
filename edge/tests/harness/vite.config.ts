/** A page for tests and benchmarks that drive the backends from Python; no part of what ships. */

import { defineConfig } from "vite";
import { assemblyscript } from "../../tools/assemblyscript.ts";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  plugins: [assemblyscript()],
  build: { target: "es2023", emptyOutDir: true },
});
