"""What a program gets from the page is what the command line gives."""

import io
import json
import re
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.image.image import Image
from sharpcli.image.write import write_image
from sharpcli.scoring.score import ALIASES, CONVENTIONS
from sharpcli.web.widgets.examples import FOLDER
from tests.web.conftest import client

httpx = pytest.importorskip("httpx")
gradio_client = pytest.importorskip("gradio_client")
handle_file = gradio_client.handle_file


@pytest.fixture(scope="module")
def page(page_url, tmp_path_factory):
    """A client of the shared page, whose downloads go to a folder of their own."""
    return client(page_url, download_files=tmp_path_factory.mktemp("downloads"))


@pytest.fixture
def desk(tmp_path, photo):
    """A JPEG with Exif and a print size, a deep TIFF, a transparent PNG, and an original to score against."""
    exif = PILImage.Exif()
    exif[0x010F], exif[0x0112] = "a maker", 6
    PILImage.fromarray(photo[:120, :160]).save(tmp_path / "photo ü.jpg", quality=88, exif=exif, dpi=(300, 300))
    PILImage.fromarray(photo[:119, :159]).save(tmp_path / "other.png")
    deep = photo[:64, :80].astype(np.uint16) * 257
    write_image(Image(deep, "RGB"), tmp_path / "deep.tif")
    alpha = np.dstack([photo[:64, :80], np.full((64, 80), 128, np.uint8)])
    PILImage.fromarray(alpha).save(tmp_path / "clear.png")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "given", "arguments"),
    [
        ("photo ü.jpg", {}, []),
        ("deep.tif", {}, []),
        ("clear.png", {"strength": 0.4, "enhancer": "student-live"}, ["--strength", "0.4", "-e", "student-live"]),
        ("clear.png", {"upscale": 2}, ["--upscale", "2"]),
        ("clear.png", {"options": {"profile": "x2", "precision": "fp32"}}, ["-Oprofile=x2", "-Oprecision=fp32"]),
        (
            "photo ü.jpg",
            {"format": "webp", "quality": 70, "strip": True},
            ["--format", "webp", "--quality", "70", "--strip"],
        ),
    ],
    ids=["jpeg", "deep", "strength", "upscale", "options", "format"],
)
def test_a_file_comes_back_as_the_command_line_writes_it(page, desk, sharpcli, name, given, arguments):
    file, record = page.predict(handle_file(desk / name), **given, api_name="/enhance")
    assert sharpcli("enhance", desk / name, "-o", desk / "out", *arguments).exit_code == 0
    (due,) = (desk / "out").glob("[!.]*")
    assert Path(file).read_bytes() == due.read_bytes()
    assert Path(file).name == f"{Path(name).stem}-sharp{due.suffix}"
    assert record["milliseconds"] > 0
    assert (record["bytes"], record["out_bytes"]) == ((desk / name).stat().st_size, due.stat().st_size)
    with PILImage.open(due) as image:
        assert tuple(record["out_size"]) == image.size
    settings = {**record["settings"], **record["settings"]["options"]}
    for key, value in {**given, **given.get("options", {})}.items():
        if key != "options":
            assert settings[key] == value
    assert settings["profile"] == ("x2" if given.get("upscale") or "options" in given else "auto")
    assert len(settings["weights"]) == (3 if settings["profile"] == "auto" else 1)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_figures_are_those_of_the_command_line(page, desk, sharpcli, convention):
    original, soft = desk / "clear.png", desk / "soft.png"
    with PILImage.open(original) as image:
        image.resize((40, 32)).resize(image.size).save(soft)
    files = [original, soft, desk / "sharp.png"]
    assert sharpcli("enhance", soft, "-o", desk / "sharp.png").exit_code == 0
    arguments = ("--input", soft, "--convention", convention, "--report", desk / "scores.json")
    assert sharpcli("score", desk / "sharp.png", original, *arguments).exit_code == 0
    (due,) = json.loads((desk / "scores.json").read_text())["images"]
    reference, baseline, result = map(handle_file, files)
    answer = page.predict(result, reference, input=baseline, convention=convention, api_name="/score")
    assert answer == {"convention": convention, "definition": CONVENTIONS[convention], **due}
    assert answer["gain_psnr"] == pytest.approx(answer["psnr"] - answer["input_psnr"])


def test_papers_is_another_name_of_y(page, desk):
    files = [handle_file(desk / "other.png")] * 2
    assert page.predict(*files, convention="papers", api_name="/score")["convention"] == "y"


def test_an_image_that_does_not_differ_has_no_psnr(page, desk):
    answer = page.predict(*[handle_file(desk / "other.png")] * 2, api_name="/score")
    assert (answer["psnr"], answer["ssim"]) == (None, 1.0)
    assert "input_psnr" not in answer


def test_metrics_can_be_chosen_and_a_wrong_choice_is_reported(page, desk):
    files = [handle_file(desk / "other.png")] * 2
    answer = page.predict(*files, metrics=["ssim"], api_name="/score")
    assert set(answer) == {"convention", "definition", "image", "ssim"}
    for given, message in (
        (["best"], r"Unknown metric 'best'; available: ms-ssim, psnr, ssim"),
        ("psnr", r"Metrics must be a list of names, not 'psnr'"),
        (["ms-ssim"], r"ther\.png: is too small to be scored: metric ms-ssim .* needs 176 x 176 pixels"),
    ):
        with pytest.raises(gradio_client.exceptions.AppError, match=message):
            page.predict(*files, metrics=given, api_name="/score")


def test_the_catalog_is_that_of_the_command_line(page, sharpcli):
    assert page.predict(api_name="/enhancers") == json.loads(sharpcli("enhancers", "--json").stdout)


def test_programs_see_these_three_with_types_defaults_and_help(page):
    endpoints = page.view_api(return_format="dict")
    assert list(endpoints["named_endpoints"]) == ["/enhance", "/score", "/enhancers"]
    assert not endpoints["unnamed_endpoints"]
    shown = {one["parameter_name"]: one for one in endpoints["named_endpoints"]["/enhance"]["parameters"]}
    assert not shown["image"]["parameter_has_default"]
    defaults = {name: one["parameter_default"] for name, one in shown.items() if name != "image"}
    assert defaults == {
        **{"enhancer": "student", "options": {}, "upscale": 1, "strength": 1},
        **{"format": None, "quality": None, "strip": False},
    }
    types = {name: one["python_type"]["type"] for name, one in shown.items()}
    assert (types["image"], types["upscale"], types["strip"]) == ("filepath", "float", "bool")
    assert "Literal['avif', 'bmp'" in types["format"]
    for endpoint in endpoints["named_endpoints"].values():
        for one in (*endpoint["parameters"], *endpoint["returns"]):
            assert one["python_type"]["description"]
    scored = {one["parameter_name"]: one for one in endpoints["named_endpoints"]["/score"]["parameters"]}
    assert tuple(scored["convention"]["type"]["enum"]) == (*CONVENTIONS, *ALIASES)
    assert scored["input"]["parameter_has_default"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"enhancer": "nobody"}, "Unknown enhancer 'nobody'; available: bicubic, student"),
        ({"enhancer": ["student"]}, "enhancer must be text"),
        ({"options": {"amount": 1}}, "no option 'amount'; it has profile, kind, blur, noise, light, precision"),
        ({"options": {"profile": 3}}, "profile must be deblur or photo or call or x2 or auto, not 3"),
        ({"options": "profile=x2"}, "Options must be an object"),
        ({"upscale": 9}, "upscale must be a number at least 1 and at most 8, not 9"),
        ({"strength": "much"}, "strength must be a number at least 0 and at most 2, not 'much'"),
        ({"quality": 1.5}, "quality must be a whole number at least 1 and at most 100, not 1.5"),
        ({"format": "gif"}, "format must be avif or bmp"),
        ({"strip": None}, "strip must be true or false"),
        ({"image": "/etc/hostname"}, "Image must be an uploaded file"),
        ({"image": None}, "Image must be an uploaded file"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_what_is_wrong_is_reported_in_the_sentence_of_the_command_line(page, desk, given, message):
    image = {"image": handle_file(desk / "other.png")}
    with pytest.raises(gradio_client.exceptions.AppError, match=re.escape(message)):
        page.predict(**image | given, api_name="/enhance")


def test_an_address_is_not_fetched(page, page_url):
    with pytest.raises(gradio_client.exceptions.ValidationError, match="does not fetch URLs"):
        page.predict(handle_file(f"{page_url}/config"), api_name="/enhance")


def test_plain_http_does(page_url, desk):
    """Three requests, as the page's own examples for cURL have them."""
    file = (desk / "other.png").read_bytes()
    (path,) = httpx.post(f"{page_url}/gradio_api/upload", files={"files": ("other.png", file)}).json()
    image = {"path": path, "meta": {"_type": "gradio.FileData"}}
    body = {"data": [image, "bicubic", {}, 1, 1, None, None, False]}
    event = httpx.post(f"{page_url}/gradio_api/call/enhance", json=body).json()["event_id"]
    message = httpx.get(f"{page_url}/gradio_api/call/enhance/{event}", timeout=60).text
    sharpened, record = json.loads(message.split("event: complete\ndata: ")[1])
    assert record["settings"]["enhancer"] == "bicubic"
    with PILImage.open(io.BytesIO(httpx.get(sharpened["url"]).content)) as image:
        assert image.size == (159, 119)


def test_what_is_wrong_with_an_image_names_it(page, desk):
    (desk / "notes.png").write_text("no image")
    with pytest.raises(gradio_client.exceptions.AppError, match=r"^Notes\.png is not an image"):
        page.predict(handle_file(desk / "notes.png"), api_name="/enhance")
    with pytest.raises(
        gradio_client.exceptions.AppError, match=r"^Clear\.png has transparency, which JPEG does not support"
    ):
        page.predict(handle_file(desk / "clear.png"), format="jpg", api_name="/enhance")
    files = [handle_file(desk / name) for name in ("other.png", "clear.png")]
    with pytest.raises(gradio_client.exceptions.AppError, match=r"^Other\.png: the sizes differ: 159x119 but 80x64"):
        page.predict(*files, api_name="/score")


def test_the_example_for_programs_works_as_written(page_url, desk, monkeypatch, capsys):
    guide = (Path(__file__).parents[3] / "docs/page.md").read_text().split("## For programs")[1]
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    address = "http://127.0.0.1:7860"
    assert address in example
    monkeypatch.chdir(desk)
    copy(FOLDER / "cat.jpg", "original.jpg")
    copy(FOLDER / "cat-soft.jpg", "photo.jpg")
    exec(example.replace(address, page_url), {})
    assert Path("photo-sharp.jpg").is_file()
    message = capsys.readouterr().out
    assert "student ['profile', 'kind', 'blur', 'noise', 'light', 'precision']" in message
    (gain,) = re.findall(r"^\S+ (\S+) rgb ", message, re.MULTILINE)
    assert float(gain) > 0.2
