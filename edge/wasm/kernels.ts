/** AssemblyScript, compiled with SIMD: what the backend and the estimator call from their workers. */

export { add, luma, toLevels } from "./pixels";
export { convolveFloats } from "./floats";
export { convolveLevels } from "./integers";
