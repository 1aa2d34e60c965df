/** The npm package `sharpcli-edge`: what pages of other people use. */

export type { Backend, Precision, Runner, Source } from "./backends/backend";
export { type BackendName, openBackend } from "./backends/open";
export { openCamera } from "./calls/camera";
export { SharpTrackProcessor } from "./calls/processor";
export { sharpen, type Sharpened, type SharpenOptions } from "./calls/sharpen";
export type { Status } from "./calls/status";
export { vectorOf } from "./networks/degradation";
export { fold } from "./networks/fold";
export { loadNetwork } from "./networks/load";
export type { Header, Network, Stack } from "./networks/network";
export { blurred, called } from "./networks/told";
export { enhanceImage, type EnhanceOptions } from "./pixels/enhance";
