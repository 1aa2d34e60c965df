/** A page for tests and benchmarks that drive the backends from Python; no part of what ships. */

import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  build: { target: "es2023", emptyOutDir: true },
});
