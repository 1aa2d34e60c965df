"""The plugin guide, done as it stands: every block of it, in the order of the page, in a fresh environment."""

import os
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PIL import Image as PILImage

from sharpcli.checks.all_checks import CHECKS
from sharpcli.plugin import hooks as hookspecs
from sharpcli.plugin.cards import card_of
from tests.helpers.fresh import environment
from tests.helpers.onnx_networks import Sharpener, export

GUIDE = Path(__file__).parents[2] / "docs" / "plugins.md"
FILE, FENCE = r"(?:<!-- file: (?P<file>\S+) -->\n)?", r"^```(?P<language>\w*)\n(?P<code>.*?)^```$"
BLOCK = re.compile(FILE + FENCE, re.DOTALL | re.MULTILINE)
HOOKS = [name for name in vars(hookspecs) if hasattr(getattr(hookspecs, name), "sharpcli_spec")]


@pytest.fixture
def index():
    """A package index on this machine; gives its address and what was uploaded to it."""
    uploaded = []

    class Index(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            uploaded.extend(re.findall(rb'filename="([^"]+)"', body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", uploaded
    server.shutdown()
    server.server_close()


@pytest.fixture
def shell(tmp_path):
    """Run a script in a shell in which a fresh environment is active."""
    python = environment(tmp_path / "venv")
    (python.parent / "ruff").symlink_to(Path(sys.executable).parent / "ruff")
    for tool in ("build", "mypy", "pip", "pytest", "sharpcli", "twine"):
        launcher = python.parent / tool
        launcher.write_text(f'#!/bin/sh\nexec "{python}" -m {tool} "$@"\n')
        launcher.chmod(0o755)
    path = os.pathsep.join([str(python.parent), os.environ["PATH"]])

    def run(script, cwd, **settings):
        env = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(tmp_path / "venv"), **settings}
        return subprocess.run(["bash", "-c", script], cwd=cwd, env=env, capture_output=True, text=True, check=False)

    return run


@pytest.mark.timeout(600)
def test_every_block_of_the_guide_works_as_written(shell, tmp_path, photo, index):
    address, uploaded = index
    PILImage.fromarray(photo[:200, :240]).save(tmp_path / "photo.jpg")
    export(Sharper(), tmp_path / "network.onnx")
    settings = {"TWINE_REPOSITORY_URL": address, "TWINE_USERNAME": "author", "TWINE_PASSWORD": "secret"}
    where, done = tmp_path, 0
    text = GUIDE.read_text()
    for block in BLOCK.finditer(text):
        code, language = block["code"], block["language"]
        if block["file"]:
            (where / block["file"]).write_text(code)
        if language == "sh":
            script = f"set -e\n{code}\npwd > {tmp_path / 'where'}\n"
            ran = shell(script, where, **settings)
            assert ran.returncode == 0, f"{code}\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
            where = Path((tmp_path / "where").read_text().strip())
        elif language == "toml":
            (generated,) = where.glob("pyproject.toml")
            for table, entries in tomllib.loads(code)["project"]["entry-points"].items():
                assert tomllib.loads(generated.read_text())["project"]["entry-points"][table] == entries
        elif language == "json":
            (tmp_path / "card.json").write_text(code)
            card = card_of(tmp_path / "card.onnx")
            assert card.scores
            assert not card.problems
        else:
            assert language == "python", f"a block of {language or 'no language'}, which no test runs"
            assert block["file"], f"no test runs this:\n{code}"
        done += 1
    assert done == text.count("\n```") / 2
    assert len(uploaded) == 2, uploaded
    assert all(name.startswith(b"sharpcli_halo-") for name in uploaded)


class Sharper(Sharpener):
    """A small network that sharpens, as an author may have one."""

    def forward(self, graph, x):
        blurred = graph("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4)
        return graph("Clip", graph("Add", x, graph("Mul", graph("Sub", x, blurred), 0.8)), 0.0, 1.0)


def test_every_hook_is_in_the_guide_with_its_exact_signature():
    lines = Path(hookspecs.__file__).read_text().splitlines()
    specs = [lines[number + 1] for number, line in enumerate(lines) if line == "@hookspec"]
    assert [re.match(r"def (\w+)", spec)[1] for spec in specs] == HOOKS
    assert len(HOOKS) >= 3
    for spec in specs:
        signature = spec.removeprefix("def ").partition(":  #")[0].removesuffix(":")
        assert f"### `{signature}`" in GUIDE.read_text(), signature


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test_that_uses_it(hook):
    """A plugin of these tests or of the guide implements it, and so does one that is shipped or shown."""
    here = Path(__file__).parents[2]
    sources = [*(here / "tests").rglob("*.py"), GUIDE]
    implemented = re.compile(rf"@hookimpl\n\s*def {hook}\(")
    assert any(implemented.search(source.read_text()) for source in sources)


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_every_check_is_in_the_guide_with_its_own_words(check):
    assert f"| `{check.name}` | {check.summary} |\n" in GUIDE.read_text()
