import { defineConfig } from "vite";
import { assemblyscript } from "./tools/assemblyscript.ts";

export default defineConfig({
  base: "./",
  plugins: [assemblyscript()],
  build: { target: "es2023", outDir: "../sharpcli/web/edge", emptyOutDir: true },
});
