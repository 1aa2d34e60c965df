"""`sharpcli serve`: the same answers without the page."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copy, which

import httpx
import pytest
from PIL import Image as PILImage

from sharpcli.web.widgets.examples import FOLDER
from tests.helpers.alone import Alone

GUIDE = Path(__file__).parents[2] / "docs/api.md"
ADDRESS = "http://127.0.0.1:7860"


def test_it_answers_alone_and_without_gradio_as_the_guide_says(tmp_path):
    if which("curl") is None:
        pytest.skip("needs curl")
    (lines,) = re.findall(r"<!-- run -->\n```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    lines = [line for line in lines.splitlines() if line.startswith("curl")]
    assert len(lines) > 3
    alone = Alone(tmp_path)
    copy(FOLDER / "cat-soft.jpg", alone.work / "photo.jpg")
    copy(FOLDER / "cat.jpg", alone.work / "original.jpg")
    hidden = "import sys; sys.modules['gradio'] = None; from sharpcli.cli.main import main; main(['serve'])"
    server = alone.start("-c", hidden)
    try:
        address = next((match[0] for line in server.stdout if (match := re.search(r"http://[^/\s]+", line))), None)
        assert address, "the server did not start"
        for line in lines:
            subprocess.run(shlex.split(line.replace(ADDRESS, address)), cwd=alone.work, check=True, timeout=60)
        assert httpx.get(address, trust_env=False).status_code == 404
    finally:
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=60)
    assert (server.returncode, said) == (0, "")
    with PILImage.open(alone.work / "sharp.jpg") as sharp, PILImage.open(alone.work / "photo.jpg") as photo:
        assert (sharp.format, sharp.size) == ("JPEG", photo.size)
    assert not [path for path in (tmp_path / "temp").iterdir() if path.name.startswith("sharpcli")]
    assert alone.attempts() == []


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "python_multipart"])
def test_without_the_extra_it_says_what_to_install(missing):
    code = f"import sys; sys.modules[{missing!r}] = None; from sharpcli.cli.main import main; main(['serve'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert re.fullmatch(r"Error: the web interface needs [\w-]+: pip install 'sharpcli\[web\]'\n", done.stderr, re.I)


@pytest.mark.parametrize("command", ["demo", "serve"])
@pytest.mark.parametrize(
    ("option", "message"),
    [(("--root-path", "sharp"), "--root-path must be a path such as /sharp"), (("--auth", "me"), "USER:PASSWORD")],
)
def test_a_wrong_setting_is_one_line(sharpcli, command, option, message):
    told = sharpcli(command, *option)
    assert told.exit_code == 2
    assert message in told.stderr
