import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: { target: "es2023", outDir: "../sharpcli/web/edge", emptyOutDir: true },
});
