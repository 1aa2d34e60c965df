"""One request, one answer: what a program sends by a line of curl, and what it gets."""

import json
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import unquote

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.version import __version__
from sharpcli.web.tasks import runs
from tests.web.api.conftest import UPLOAD, serving
from tests.web.conftest import eventually

http = httpx.Client(timeout=60, trust_env=False)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, photo):
    """A JPEG with Exif, a transparent PNG, a GIF with two frames, and no image."""
    folder = tmp_path_factory.mktemp("desk")
    exif = PILImage.Exif()
    exif[0x010F], exif[0x0112] = "a maker", 6
    PILImage.fromarray(photo[:120, :160]).save(folder / "photo ü.jpg", quality=88, exif=exif, dpi=(300, 300))
    alpha = np.dstack([photo[:64, :80], np.full((64, 80), 128, np.uint8)])
    PILImage.fromarray(alpha).save(folder / "clear.png")
    first, second = (PILImage.fromarray(photo[top : top + 40, :50]) for top in (0, 60))
    first.save(folder / "two.gif", save_all=True, append_images=[second])
    (folder / "notes.png").write_text("no image")
    return folder


@pytest.fixture(autouse=True)
def nothing_is_left(files_root):
    yield
    assert eventually(lambda: not list(files_root.iterdir()))


def enhance(url, path, name=None, **fields):
    return http.post(f"{url}/api/enhance", files={"image": (name or path.name, path.read_bytes())}, data=fields)


def problem(answer):
    assert set(answer.json()) == {"error"}
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize(
    ("name", "fields", "arguments", "media"),
    [
        ("photo ü.jpg", {}, [], "image/jpeg"),
        (
            "clear.png",
            {"strength": "0.4", "enhancer": "student-live"},
            ["--strength=0.4", "-estudent-live"],
            "image/png",
        ),
        ("clear.png", {"upscale": "2", "options.precision": "fp32"}, ["--upscale=2", "-Oprecision=fp32"], "image/png"),
        ("photo ü.jpg", {"options": '{"profile": "photo"}'}, ["-Oprofile=photo"], "image/jpeg"),
        (
            "photo ü.jpg",
            {"format": "webp", "quality": "70", "strip": "true"},
            ["--format", "webp", "--quality", "70", "--strip"],
            "image/webp",
        ),
    ],
    ids=["jpeg", "strength", "option", "options", "format"],
)
def test_a_file_comes_back_as_the_command_line_writes_it(
    api_url, desk, sharpcli, tmp_path, name, fields, arguments, media
):
    answer = enhance(api_url, desk / name, **fields)
    assert answer.status_code == 200, answer.text
    assert sharpcli("enhance", desk / name, "-o", tmp_path, *arguments).exit_code == 0
    (due,) = tmp_path.glob("[!.]*")
    assert answer.content == due.read_bytes()
    headers = answer.headers
    assert headers["content-type"] == media
    assert f"{due.stem}-sharp{due.suffix}" in unquote(headers["content-disposition"])
    with PILImage.open(due) as image:
        assert headers["x-sharpcli-out-size"] == f"{image.width}x{image.height}"
    settings = json.loads(headers["x-sharpcli-settings"])
    assert settings["enhancer"] == fields.get("enhancer", "student")
    assert settings["weights"]
    assert float(headers["x-sharpcli-milliseconds"]) > 0


def test_what_was_found_or_lost_is_in_a_header(api_url, desk, tmp_path):
    answer = enhance(api_url, desk / "photo ü.jpg", enhancer="bicubic", format="bmp")
    assert "not carried over: Exif" in unquote(answer.headers["x-sharpcli-notes"])


@pytest.mark.parametrize(
    ("name", "fields", "status", "message"),
    [
        ("clear.png", {"enhancer": "nobody"}, 422, "Unknown enhancer 'nobody'; available: bicubic, student"),
        ("clear.png", {"upscale": "9"}, 422, "upscale must be a number at least 1 and at most 8, not 9"),
        ("clear.png", {"strength": "much"}, 422, "strength must be a number at least 0 and at most 2, not 'much'"),
        ("clear.png", {"quality": ["1", "2"]}, 422, "Quality was sent twice"),
        ("clear.png", {"options": "profile=x2"}, 422, 'Options must be JSON, such as {"profile": "x2"}'),
        ("clear.png", {"options": "[]"}, 422, "Options must be an object"),
        ("clear.png", {"options.amount": "1"}, 422, "no option 'amount'; it has profile, kind"),
        ("clear.png", {"sharpness": "1"}, 422, "Unknown field 'sharpness'; there are enhancer, upscale"),
        ("clear.png", {"upscale": "7"}, 422, "Clear.png has 0.3 megapixels when enlarged 7 times; this page accepts"),
        ("clear.png", {"format": "jpg"}, 422, "Clear.png has transparency, which JPEG does not support"),
        ("notes.png", {}, 422, "Notes.png is not an image"),
        ("two.gif", {}, 422, "Two.gif has several frames or pages, and one image is needed here"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_what_is_wrong_is_said_in_the_words_of_the_page(api_url, desk, name, fields, status, message):
    found, sentence = problem(enhance(api_url, desk / name, **fields))
    assert found == status
    assert message in sentence


def test_what_is_no_request_is_said_too(api_url, desk):
    image = (desk / "clear.png").read_bytes()
    post, url = http.post, f"{api_url}/api/enhance"
    for answer, status, message in (
        (post(url, files={"file": ("a.png", image)}), 400, "Only image can be files."),
        (post(url, files={"upscale": (None, "2")}), 400, "Image is missing; send it as a file, such as -F image=@"),
        (post(url, files={"image": (None, "2")}), 400, "Image must be a file, such as curl -F image=@photo.jpg."),
        (post(url, content=image), 415, "Send a form (multipart/form-data), such as curl -F image=@photo.jpg."),
        (post(url, json={"image": "a.png"}), 415, "Send a form"),
        (http.get(url), 405, "This path takes another method."),
        (http.get(f"{api_url}/api/enhanced"), 404, "Not found"),
        (http.get(api_url), 404, "Not found"),
        (post(url, files={"image": image}, headers={"origin": "http://example.com"}), 403, "another site"),
        (http.get(f"{api_url}/api/health", headers={"host": "example.com"}), 403, "does not answer to the name"),
    ):
        found, sentence = problem(answer)
        assert (found, message in sentence) == (status, True), sentence


@pytest.mark.parametrize(
    "name",
    ["../../up.png", "C:\\up.png", "..", "a\nb.png", ".png", "ü" * 300 + ".png", "a" * 250 + ".png", 'a"b.png'],
)
def test_a_file_may_be_called_anything(api_url, desk, name):
    answer = enhance(api_url, desk / "clear.png", name, enhancer="bicubic")
    assert answer.status_code == 200, answer.text


def test_more_bytes_than_allowed_are_refused_while_they_come(api_url, files_root):
    def body():
        yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        for _ in range(200):
            yield bytes(10_000)
            with suppress(FileNotFoundError):  # it is deleted while we look
                assert sum(path.stat().st_size for path in files_root.rglob("*.png")) <= UPLOAD

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = http.post(f"{api_url}/api/enhance", content=body(), headers=headers)
    assert problem(answer) == (413, "This upload is larger than 0.3 MB, the maximum allowed size.")


def test_a_full_disk_is_said(api_url, desk, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    status, sentence = problem(enhance(api_url, desk / "clear.png"))
    assert (status, sentence) == (507, "Not enough disk space for more uploads; try again later.")


def test_scores_are_those_of_the_command_line(api_url, desk, sharpcli, tmp_path):
    original, soft, sharp = desk / "clear.png", tmp_path / "soft.png", tmp_path / "sharp.png"
    with PILImage.open(original) as image:
        image.resize((40, 32)).resize(image.size).save(soft)
    sharp.write_bytes(enhance(api_url, soft, **{"options.profile": "photo"}).content)
    report = tmp_path / "scores.json"
    assert sharpcli("score", sharp, original, "--input", soft, "--convention", "y", "--report", report).exit_code == 0
    (due,) = json.loads(report.read_text())["images"]
    files = {"result": sharp.open("rb"), "reference": original.open("rb"), "input": soft.open("rb")}
    answer = http.post(f"{api_url}/api/score", files=files, data={"convention": "papers", "metrics": ["psnr", "ssim"]})
    assert answer.json() | {"definition": ""} == {"convention": "y", "definition": "", **due}
    status, sentence = problem(http.post(f"{api_url}/api/score", files=files, data={"metrics": "best"}))
    assert (status, "Unknown metric 'best'; available" in sentence) == (422, True)


def test_what_is_installed_and_the_version(api_url, sharpcli):
    assert http.get(f"{api_url}/api/enhancers").json() == json.loads(sharpcli("enhancers", "--json").stdout)
    assert http.get(f"{api_url}/api/health").json() == {"status": "ok", "version": __version__}


def test_without_the_password_there_is_nothing_and_no_body_is_read(tmp_path, desk):
    with serving(tmp_path, auth=("mé", "s:ecret")) as url:
        for path in ("api/health", "api/enhancers", "openapi.json"):
            status, sentence = problem(http.get(f"{url}/{path}"))
            assert (status, sentence) == (401, "User name and password are missing or wrong.")
        for auth in (("mé", "s:ecre"), ("me", "s:ecret"), ("", ""), ("mé", "s:ecret ")):
            assert http.get(f"{url}/api/health", auth=auth).status_code == 401
        for header in ("Basic", "Basic ü", "Basic !!!", "Bearer abc"):
            assert http.get(f"{url}/api/health", headers={"authorization": header.encode()}).status_code == 401
        answer = http.get(f"{url}/api/health", auth=("mé", "s:ecret"))
        assert answer.status_code == 200
        described = http.get(f"{url}/openapi.json", auth=("mé", "s:ecret")).json()
        assert described["components"]["securitySchemes"]["basic"] == {"type": "http", "scheme": "basic"}
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as stranger:
            stranger.sendall(b"POST /api/enhance HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
            assert stranger.recv(100).startswith(b"HTTP/1.1 401")


def test_too_many_at_once_are_refused_and_who_leaves_loses_the_place(tmp_path, desk, waits, monkeypatch):
    image = desk / "clear.png"
    monkeypatch.setattr(runs, "PROGRAMS_SHARE", 2)
    with serving(tmp_path) as url, ThreadPoolExecutor() as pool:
        first = pool.submit(enhance, url, image, enhancer="waits")
        assert waits.busy.acquire(timeout=60)
        host, port = url.removeprefix("http://").split(":")
        body = b'--b\r\nContent-Disposition: form-data; name="image"; filename="left.png"\r\n\r\n' + image.read_bytes()
        body += b'\r\n--b\r\nContent-Disposition: form-data; name="enhancer"\r\n\r\nwaits\r\n--b--\r\n'
        with socket.create_connection((host, int(port)), timeout=60) as leaving:
            head = f"POST /api/enhance HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
            leaving.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode() + body)
            assert eventually(lambda: len(list(tmp_path.iterdir())) == 2)
            assert eventually(lambda: enhance(url, image, enhancer="waits").status_code == 429)
            answer = enhance(url, image, enhancer="waits")
            assert problem(answer) == (429, "You already have 2 images in work here; wait until one of them is done.")
            assert int(answer.headers["retry-after"]) > 0
        assert eventually(lambda: len(list(tmp_path.iterdir())) == 1)
        second = pool.submit(enhance, url, image, enhancer="waits")
        waits.go.release(2)
        assert [first.result().status_code, second.result().status_code] == [200, 200]
        assert waits.busy.acquire(timeout=60)
        assert not waits.busy.acquire(blocking=False)  # whoever left was never at work


def test_a_line_of_curl_does(api_url, desk, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    image, out = f"image=@{desk / 'photo ü.jpg'}", tmp_path / "sharp.jpg"
    subprocess.run(["curl", "-sS", "-F", image, f"{api_url}/api/enhance", "-o", out], check=True, timeout=60)
    with PILImage.open(tmp_path / "sharp.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (120, 160))  # upright
        assert image.getexif()[0x010F] == "a maker"
