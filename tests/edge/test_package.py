"""The npm package, packed and installed as a stranger would, and imported by a page of theirs."""

import base64
import io
import json
import os
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.inference.runtime import load_network
from tests.edge.networks import WEIGHTS, put_networks
from tests.edge.wasm_page import EDGE, opened
from tests.web.conftest import CAMERA, FLAGS

NETWORK = "student-live-x2-int8"
CALL = ("student-call-int8", "student-live-call-int8")
PAGE = """<!doctype html><title>Theirs</title><script type="module">
import * as edge from "./node_modules/sharpcli-edge/dist/index.js";
import * as livekit from "./livekit.mjs";
Object.assign(window, { edge, livekit });
</script>"""
SHARPENS = """async (picture) => {
  const { enhanceImage, fold, loadNetwork, openBackend } = edge;
  const bitmap = await createImageBitmap(await (await fetch(picture)).blob(), { colorSpaceConversion: "none" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const networks = new URL("node_modules/sharpcli-edge/dist/networks", location.href);
  const stack = fold(await loadNetwork("student-live", "x2", networks));
  const backend = await openBackend("wasm");
  const runner = await backend.compile(stack, "float");
  context.putImageData(await enhanceImage(runner, stack, pixels), 0, 0);
  backend.close();
  const file = new FileReader();
  file.readAsDataURL(await context.canvas.convertToBlob());
  await new Promise((resolve) => (file.onload = resolve));
  return file.result.split(",")[1];
}"""
SHOWS = """async () => {
  const live = edge.sharpen(await edge.openCamera(), { enhancer: "student-live", profile: "x2" });
  while (live.status.backend === "none") await new Promise((resolve) => setTimeout(resolve, 50));
  const { backend } = live.status;
  live.stop();
  return backend;
}"""

PUBLISHES = """async () => {
  const track = await livekit.createLocalVideoTrack();
  const camera = track.mediaStreamTrack;
  const processor = new edge.SharpTrackProcessor({ enhancer: "student-live", profile: "x2" });
  const sharpens = async () => {
    const ready = () => processor.status.sentence.includes("student-live on");
    while (!ready()) await new Promise((resolve) => setTimeout(resolve, 50));
    return track.mediaStreamTrack === processor.processedTrack && track.mediaStreamTrack !== camera;
  };
  const shown = track.attach();
  await track.setProcessor(processor);
  const told = { sharpens: await sharpens() };
  told.plays = await new Promise((done) => shown.requestVideoFrameCallback(() => done(true)));
  const before = processor.processedTrack;
  await track.restartTrack();
  told.goesOn = (await sharpens()) && before.readyState === "ended";
  await track.stopProcessor();
  told.camera = track.mediaStreamTrack.readyState === "live" && !processor.processedTrack;
  track.stop();
  return told;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory, photo):
    folder = tmp_path_factory.mktemp("package")
    package = folder / "package"
    put_networks(folder / "networks", NETWORK, *CALL)
    package.mkdir()
    for name in ("package.json", "README.md"):
        shutil.copy(EDGE / "package" / name, package)
    built = ["npx", "vite", "build", "--config", "vite.package.config.ts", "--outDir", str(package / "dist")]
    ran(EDGE, *built, NETWORKS=str(folder / "networks"))
    ran(EDGE, "npx", "tsc", "-p", "tsconfig.package.json", "--outDir", str(package / "dist" / "types"))
    ran(package, "npm", "pack", "--pack-destination", str(folder))
    theirs = folder / "theirs"
    theirs.mkdir()
    (theirs / "package.json").write_text(json.dumps({"private": True}))
    ran(theirs, "npm", "install", "--offline", "--no-audit", "--no-fund", str(folder / "sharpcli-edge-0.1.0.tgz"))
    (theirs / "index.html").write_text(PAGE)
    shutil.copy(EDGE / "node_modules/livekit-client/dist/livekit-client.esm.mjs", theirs / "livekit.mjs")
    PILImage.fromarray(photo[:60, :81]).save(theirs / "photo.png")
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    with opened(theirs, "index.html", [*flags, *CAMERA, "--enable-unsafe-swiftshader"]) as page:
        page.installed = theirs / "node_modules" / "sharpcli-edge"
        yield page


def ran(folder, *command, **environment):
    told = subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_an_image_is_what_python_makes_of_it(page, photo):
    result = PILImage.open(io.BytesIO(base64.b64decode(page.evaluate(SHARPENS, "photo.png")))).convert("RGB")
    expected = load_network(WEIGHTS / f"{NETWORK}.onnx", 1, ())(np.ascontiguousarray(photo[:60, :81]))
    assert np.abs(np.asarray(result).astype(int) - expected).max() <= 1


def test_a_camera_finds_the_networks_beside_the_module(page):
    assert page.evaluate(SHOWS) == "wasm"  # quicker than graphics in software


def test_livekit_takes_the_processor_restarts_it_and_lets_go_of_it(page):
    assert page.evaluate(PUBLISHES) == {"sharpens": True, "plays": True, "goesOn": True, "camera": True}


def test_the_example_calls_itself_and_sharpens_what_comes_over_the_line(page, tmp_path):
    shutil.copytree(EDGE / "examples", tmp_path / "examples")
    shutil.copytree(page.installed, tmp_path / "package")
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    with opened(tmp_path, "examples/call.html", [*flags, *CAMERA, "--enable-unsafe-swiftshader"]) as call:
        call.locator("#start").click()
        call.wait_for_function("document.getElementById('sharp').videoWidth > 0")
        call.wait_for_function("document.getElementById('status').textContent.includes(' on wasm')")
        call.locator("#stop").click()
        assert call.locator("#status").inner_text() == ""
        tracks = "document.getElementById('received').srcObject.getTracks()"
        assert call.evaluate(f"{tracks}.every((one) => one.readyState == 'ended')")
        assert call.locator("#start").is_enabled()


def test_types_are_there_and_nothing_else_is_needed(page):
    about = json.loads((page.installed / "package.json").read_text())
    assert "dependencies" not in about
    declared = (page.installed / about["exports"]["."]["types"]).read_text()
    for name in ("openBackend", "loadNetwork", "enhanceImage", "sharpen", "SharpTrackProcessor"):
        assert name in declared
