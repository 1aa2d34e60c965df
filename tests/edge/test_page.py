"""The static page: a picture in, its sharper self out, whatever the browser can do."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image as PILImage
from PIL import ImageOps

from sharpcli.inference.runtime import load_network
from tests.edge.static_page import choose, finished, hand_over, opened, pixels_of, saved, status
from tests.web.test_accessibility import RULES

NETWORK = "plugins/sharpcli_student/weights/student-live-photo-int8.onnx"
NO_GPU = """Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined });
for (const one of [HTMLCanvasElement, OffscreenCanvas]) {
  const before = one.prototype.getContext;
  one.prototype.getContext = function (...asked) { return asked[0] === "webgl2" ? null : before.apply(this, asked); };
}"""
NOTHING = NO_GPU + "delete globalThis.WebAssembly;"
KEEPS_DEVICE = """const before = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...given) {
  return (globalThis.devices ??= []).at(globalThis.devices.push(await before.apply(this, given)) - 1);
};"""


@pytest.fixture
def root(request):
    return request.config.rootpath


@pytest.mark.parametrize("backend", ["webgpu", "webgl2", "wasm"])
def test_the_result_is_that_of_the_command_line(browser, address, file, root, backend):
    with opened(browser, f"{address}?backend={backend}") as page:
        choose(page, file)
        assert f"on {backend}" in status(page).inner_text()
        path = saved(page, file)
    assert path.name == "soft-sharp.png"
    before, after = pixels_of(file), pixels_of(path)
    assert np.abs(after.astype(int) - load_network(root / NETWORK)(before)).max() <= 1
    assert (after != before).mean() > 0.2


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted_and_keeps_its_format(browser, address, file, way):
    jpeg = file.with_name("soft.holiday.jpg")
    turned = PILImage.open(file)
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(jpeg, quality=95, exif=exif)
    with opened(browser, f"{address}?backend=wasm") as page:
        hand_over(page, way, jpeg, "image/jpeg")
        finished(page)
        path = saved(page, jpeg)
    result = PILImage.open(path)
    assert result.getexif()[0x0112] == 1
    assert (path.name, result.format, result.size) == ("soft.holiday-sharp.jpg", "JPEG", (149, 201))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_exif_goes_into_every_format_and_the_picture_stands_as_before(browser, address, file, kind):
    given = file.with_name(f"soft.{kind}")
    exif = PILImage.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker of cameras"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:27 12:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    transparent = PILImage.open(file).convert("RGB" if kind == "jpeg" else "RGBA")
    if kind != "jpeg":
        transparent.putpixel((0, 0), (0, 0, 0, 0))
    transparent.save(given, exif=exif)
    with opened(browser, f"{address}?backend=wasm") as page:
        choose(page, given)
        assert page.get_by_text("Not carried").count() == 0
        for name in ("JPEG", "PNG", "WebP"):
            page.locator("#format").select_option(label=name)
            result = PILImage.open(saved(page, given))
            result.load()
            assert (result.format, ImageOps.exif_transpose(result).size) == (name.upper(), (149, 201))
            found = result.getexif()
            assert found[0x0112] == (6 if kind == "webp" else 1)  # which Chromium does not turn
            assert found[0x010F] == "Maker of cameras"
            assert found.get_ifd(0x8769)[0x9003] == "2026:11:27 12:00:00"
            assert found.get_ifd(0x8825)[1] == "N"


def test_line_zoom_and_strength_by_keyboard(browser, address, file):
    with opened(browser, f"{address}?backend=wasm") as page:
        choose(page, file)
        line = page.get_by_role("slider", name="Before and after")
        line.press("Home")
        assert line.input_value() == "0"
        view = page.get_by_role("group", name="Before and after")
        for key, zoom in {"2": "200%", "-": "160%", "0": "100%"}.items():
            view.press(key)
            page.locator(".viewer output", has_text=zoom).wait_for()
        box = view.bounding_box()
        page.mouse.move(box["x"] + 2, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 50)
        page.mouse.up()
        assert 74 < float(line.input_value()) < 76
        once = pixels_of(saved(page, file)).astype(int)
        strength = page.get_by_role("slider", name="Strength")
        strength.press("End")
        page.locator("#strength-shown", has_text="2.00").wait_for()
        finished(page)
        twice = pixels_of(saved(page, file)).astype(int)
        strength.press("Home")
        finished(page)
        assert (pixels_of(saved(page, file)) == pixels_of(file)).all()
    before = pixels_of(file).astype(int)
    assert np.abs(twice - before).mean() > 1.7 * np.abs(once - before).mean()


def test_bad_files_are_said_and_the_page_lives_on(browser, address, file):
    broken, drawing = file.with_name("broken.png"), file.with_name("drawing.svg")
    broken.write_bytes(file.read_bytes()[:60])
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    (text := file.with_name("letter.txt")).write_text("Dear all")
    (empty := file.with_name("empty.png")).touch()
    with opened(browser, f"{address}?backend=wasm") as page:
        wrong = page.get_by_role("alert")
        for bad, words in {broken: "damaged", drawing: "SVG", text: "no image", empty: "is empty"}.items():
            page.locator("#file").set_input_files(bad)
            page.locator("#problem", has_text=words).wait_for()
        choose(page, file)
        assert not wrong.is_visible()


def test_without_gpu_it_says_what_runs_and_why(browser, address, file):
    with opened(browser, address, NO_GPU) as page:
        choose(page, file)
        runs = page.locator("#runs").inner_text()
        assert runs.startswith("Runs on WebAssembly") and "WebGPU" in runs and "WebGL" in runs
    with opened(browser, address, NOTHING) as page:
        page.locator("#problem", has_text="WebAssembly").wait_for()
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="Fit").wait_for()  # the picture is shown all the same


def test_a_lost_device_is_replaced(browser, address, file):
    with opened(browser, f"{address}?backend=webgpu", KEEPS_DEVICE) as page:
        choose(page, file)
        assert page.evaluate("devices.length") == 1
        page.evaluate("devices[0].destroy()")
        page.locator("#runs", has_text="was lost").wait_for()
        page.get_by_role("slider", name="Strength").press("Home")
        page.get_by_role("slider", name="Strength").press("End")
        page.locator("#runs", has_text="Runs on WebGPU").wait_for()
        finished(page)
        assert page.evaluate("devices.length") == 2


def test_it_opens_without_a_connection(browser, address, file):
    with opened(browser, f"{address}?backend=wasm") as page:
        page.get_by_text("opens without a connection").wait_for()
        page.context.set_offline(True)
        page.reload()
        page.get_by_label("Profile").select_option("x2")
        choose(page, file)
        assert "profile x2" in status(page).inner_text()


def test_what_blurred_it_can_be_said(browser, address, file):
    with opened(browser, f"{address}?backend=wasm") as page:
        choose(page, file)
        page.get_by_label("Profile").select_option("deblur")
        page.get_by_label("set by hand").check()
        page.get_by_label("Size").fill("1.5")
        page.locator("#status", has_text="undone: as set by hand").wait_for()
        page.get_by_text("Figures of this network").click()
        page.get_by_role("table", name="PSNR on wide grid, in dB").wait_for()
        assert (pixels_of(saved(page, file)) != pixels_of(file)).mean() > 0.2
        page.get_by_label("Blur").select_option("no blur")
        page.locator("#status", has_text="nothing to do").wait_for()


def test_the_benchmark_stops(browser, address):
    with opened(browser, f"{address}?backend=wasm") as page:
        page.get_by_text("Benchmark").click()
        page.get_by_role("button", name="Measure").click()
        page.locator("#status", has_text="Measuring 640x360").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.locator("#problem", has_text="Stopped").wait_for()
        page.locator("#bench-start:enabled").wait_for()


def test_axe_finds_nothing_wrong(browser, address, file):
    with opened(browser, f"{address}?backend=wasm", viewport={"width": 1280, "height": 900}) as page:
        found = [seen(page)]
        choose(page, file)
        for summary in page.locator("summary").all():
            summary.click()
        page.get_by_label("Profile").select_option("deblur")
        page.get_by_label("set by hand").check()
        page.locator("#status", has_text="by hand").wait_for()
        found.append(seen(page))
        page.set_viewport_size({"width": 390, "height": 844})
        page.emulate_media(color_scheme="dark")
        found.append(seen(page))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [problem for one in found for problem in one] == []


def seen(page):
    """What axe finds."""
    found = Axe().run(page, None, RULES).response["violations"]
    return [f"{one['help']}: {node['html']}" for one in found for node in one["nodes"]]
