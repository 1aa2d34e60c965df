/** What `tools/assemblyscript.ts` makes of such an import. */
declare module "*?wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
