"""The application for a server of one's own, and the page behind a proxy."""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from gradio_client import handle_file
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.web.app import create
from sharpcli.web.visitors.files import PREFIX
from tests.web.conftest import client, demo, eventually, visit
from tests.web.tabs.test_enhance import SOFT, download, give, status

PROXY = """
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include /etc/nginx/mime.types;
    server {{
        listen 127.0.0.1:{port};
        location = /favicon.ico {{ return 204; }}
{location}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def location():
    """What the guide says to write into nginx.conf."""
    guide = (Path(__file__).parents[2] / "docs/api.md").read_text()
    (found,) = re.findall(r"```nginx\n(.*?)```", guide, re.DOTALL)
    assert "http://127.0.0.1:7860/;" in found
    return found


@contextmanager
def proxied(address, folder):
    """The address of an nginx that shows a server under /sharp, set up as in the guide."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("needs nginx")
    port = free_port()
    there = location().replace("http://127.0.0.1:7860/", f"{address}/")
    (folder / "nginx.conf").write_text(PROXY.format(folder=folder, port=port, location=there))
    mode = "daemon off; user root;" if os.getuid() == 0 else "daemon off;"
    command = [program, "-p", folder, "-c", folder / "nginx.conf", "-g", mode]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: answers(f"http://127.0.0.1:{port}/"))
        yield f"http://127.0.0.1:{port}/sharp"
    finally:
        process.terminate()
        process.wait(timeout=60)


def answers(url):
    try:
        return httpx.get(url, trust_env=False) is not None
    except httpx.TransportError:
        return False


def sharpened(url, path):
    """The image that /api/enhance makes of a file."""
    answer = httpx.post(f"{url}/api/enhance", files={"image": path.open("rb")}, timeout=60, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_behind_a_proxy_the_page_and_programs_find_everything_under_its_path(browser, sharpcli, tmp_path):
    assert sharpcli("enhance", SOFT, "-o", tmp_path / "out").exit_code == 0
    due = (tmp_path / "out" / SOFT.name).read_bytes()
    with demo("--root-path", "/sharp") as (address, _), proxied(address, tmp_path) as url:
        with visit(browser, url) as page:
            give(page, SOFT)
            assert "280 x 280" in status(page, "megapixels")
            assert download(page)[1] == due
            page.get_by_role("tab", name="Live").click()
            page.locator("#live-message").get_by_text(
                "Frames stay in this browser"
            ).wait_for()  # by a module from there
        assert sharpened(url, SOFT) == due
        assert sharpened(f"{address}/sharp", SOFT) == due  # a proxy that leaves the path as it is
        schema = httpx.get(f"{url}/openapi.json", trust_env=False).json()
        assert schema["servers"] == [{"url": "/sharp"}]


@contextmanager
def uvicorn(folder, **settings):
    """The address of `uvicorn --factory sharpcli.web.app:create`, whose temporary files lie in `folder`."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "sharpcli.web.app:create", "--port", str(port)]
    command += ["--timeout-graceful-shutdown", "1"]
    environment = {**os.environ, **settings, "TMPDIR": str(folder)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if "running on" in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        _, rest = process.communicate(timeout=60)
        assert "Traceback" not in rest


def test_a_server_of_ones_own_has_the_page_and_programs_and_leaves_nothing(tmp_path, sharpcli):
    assert sharpcli("enhance", SOFT, "-o", tmp_path / "out").exit_code == 0
    due = (tmp_path / "out" / SOFT.name).read_bytes()
    files = tmp_path / "files"
    files.mkdir()
    with uvicorn(files, SHARPCLI_AUTH="me:secret", SHARPCLI_MAX_MEGAPIXELS="0.1") as address:
        assert len(list(files.glob(f"{PREFIX}*"))) == 1
        program = client(address, auth=("me", "secret"), download_files=tmp_path / "downloads")
        file, _ = program.predict(handle_file(SOFT), api_name="/enhance")
        with open(file, "rb") as sharp:  # noqa: PTH123
            assert sharp.read() == due
        program.close()
        visitor = httpx.Client(base_url=address, trust_env=False)
        assert visitor.post("/login", data={"username": "me", "password": "secret"}).status_code == 200
        of_ours = {"path": str(SOFT), "meta": {"_type": "gradio.FileData"}}
        answer = visitor.post("/gradio_api/call/enhance", json={"data": [of_ours]})
        assert (answer.status_code, "not on the server" in answer.text) == (422, True)
        wide = tmp_path / "wide.png"
        PILImage.new("RGB", (400, 300)).save(wide)
        answer = visitor.post("/api/enhance", files={"image": wide.open("rb")}, auth=("me", "secret"))
        assert answer.json() == {"error": "Wide.png has 0.2 megapixels; this page accepts up to 0.1"}
    assert not list(files.iterdir())


@pytest.mark.parametrize(
    ("settings", "environment", "message"),
    [
        ({"auth": "me"}, {}, "SHARPCLI_AUTH must be USER:PASSWORD"),
        ({}, {"SHARPCLI_MAX_MEGAPIXELS": "many"}, "max_megapixels must be a number"),
        ({}, {"SHARPCLI_PAGE": "maybe"}, "page must be true or false, not 'maybe'"),
        ({"root_path": "sharp"}, {}, "SHARPCLI_ROOT_PATH must be a path such as /sharp, not 'sharp'"),
        ({"port": 80}, {}, "unknown setting port; there are page, host"),
    ],
)
def test_a_wrong_setting_is_said(monkeypatch, settings, environment, message):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SharpError, match=message):
        create(**settings)
