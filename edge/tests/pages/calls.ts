/** A page for tests of the camera: they call what it puts on `window`. Not part of the build. */

import { openCamera } from "../../src/calls/camera";
import { SharpTrackProcessor } from "../../src/calls/processor";
import { sharpen } from "../../src/calls/sharpen";

Object.assign(window, { openCamera, sharpen, SharpTrackProcessor });
