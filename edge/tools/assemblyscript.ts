/** A plugin of Vite's: `import bytes from "./kernels.ts?wasm"` compiles AssemblyScript and gives the module's bytes. */

import { dirname } from "node:path";
import { readdirSync } from "node:fs";
import asc from "assemblyscript/asc";
import type { Plugin } from "vite";

const QUERY = "?wasm";
/** Without a run-time library: these modules have no objects, and memory is handed out by TypeScript. */
const OPTIONS = ["--runtime", "stub", "--enable", "simd", "-O3", "--noAssert", "--maximumMemory", "16384"];

export function assemblyscript(): Plugin {
  return {
    name: "assemblyscript",
    enforce: "pre",
    async load(id) {
      if (!id.endsWith(QUERY)) {
        return null;
      }
      const source = id.slice(0, -QUERY.length);
      for (const name of readdirSync(dirname(source))) {
        this.addWatchFile(`${dirname(source)}/${name}`);
      }
      // As text in the module: a few KB need no request of their own, and no path that a host must serve.
      const text = Buffer.from(await compiled(source)).toString("base64");
      return `export default Uint8Array.from(atob("${text}"), (letter) => letter.charCodeAt(0));`;
    },
  };
}

async function compiled(source: string): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main([source, "--outFile", "out.wasm", ...OPTIONS], {
    writeFile: (_name, content) => {
      bytes = content as Uint8Array;
    },
  });
  if (error || !bytes) {
    throw new Error(`${source} does not compile: ${stderr.toString() || error?.message}`);
  }
  return bytes;
}
