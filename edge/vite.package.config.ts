/**
 * Builds the npm package into package/dist: `npm run package`. Its networks are those that `scripts/edge` exported, or of
 * the folder that NETWORKS names.
 */

import { cpSync, existsSync, readdirSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";
import { assemblyscript } from "./tools/assemblyscript.ts";

const FROM = process.env.NETWORKS ?? "public/networks";
const names = { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" };

/** Copies the students beside the module, where `sharpen` looks for them. */
function networks(): Plugin {
  let into = "";
  return {
    name: "sharpcli-networks",
    configResolved: (config) => void (into = config.build.outDir),
    closeBundle() {
      const students = existsSync(FROM) ? readdirSync(FROM).filter((name) => /^student.*\.bin$/.test(name)) : [];
      if (!students.length) this.error(`there are no networks in ${FROM}: run scripts/edge first`);
      cpSync("../LICENSE", `${into}/LICENSE`);
      for (const name of students) cpSync(`${FROM}/${name}`, `${into}/networks/${name}`);
    },
  };
}

export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [assemblyscript(), networks()],
  worker: { format: "es", plugins: () => [assemblyscript()], rolldownOptions: { output: names } },
  build: {
    target: "es2023",
    outDir: "package/dist",
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: { index: "src/index.ts" }, preserveEntrySignatures: "strict", output: { ...names, format: "es" } },
  },
});
