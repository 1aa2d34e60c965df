"""What `sharpcli new` writes passes its own tests, lint and types, and once installed is an enhancer like any other."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from tests.helpers.fresh import NETWORK, PLAIN, PLUGINS


@pytest.mark.parametrize("name", PLUGINS)
def test_it_is_clean_as_written(fresh, name):
    project = fresh.project(name)
    for command in (("check", "."), ("format", "--check", ".")):
        ruff = [sys.executable, "-m", "ruff", *command]
        done = subprocess.run(ruff, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    done = fresh.run("mypy", cwd=project)
    assert done.returncode == 0, done.stdout
    assert "no issues found in 2 source files" in done.stdout


@pytest.mark.parametrize("name", PLUGINS)
def test_it_passes_its_own_tests(fresh, name):
    done = fresh.run("pytest", "-v", "-p", "no:cacheprovider", cwd=fresh.project(name))
    assert done.returncode == 0, done.stdout
    assert f"tests/test_{name.replace('-', '_')}.py::test_" in done.stdout
    assert f"sharpcli::{name}::receptive-radius PASSED" in done.stdout


@pytest.mark.parametrize("name", PLUGINS)
def test_it_is_listed_with_its_origin(fresh, name):
    listed = fresh.run("sharpcli", "enhancers").stdout
    assert f"\n{name}: " in listed
    assert f"package  sharpcli-{name} 0.1.0 (sharpcli_{name.replace('-', '_')})" in listed
    assert "problem" not in listed
    assert "MISSING" not in listed


@pytest.mark.parametrize("name", PLUGINS)
def test_it_changes_an_image(fresh, tmp_path, photo, name):
    PILImage.fromarray(photo[:121, :163]).save(tmp_path / "p.png")
    done = fresh.run("sharpcli", "enhance", tmp_path / "p.png", "-o", tmp_path / "out", "-e", name)
    assert done.returncode == 0, done.stderr
    with PILImage.open(tmp_path / "out" / "p.png") as image:
        change = np.asarray(image).astype(int) - photo[:121, :163]
    assert change.any()
    assert np.abs(change).mean() < 40


@pytest.mark.parametrize("name", PLUGINS)
def test_it_keeps_the_contract(fresh, name):
    done = fresh.run("sharpcli", "check", name, "--json")
    (report,) = json.loads(done.stdout)["enhancers"]
    assert [check for check in report["checks"] if check["status"] == "failed"] == []
    assert report["passed"] > 20
    assert done.returncode == 0


def test_the_option_of_the_plain_one_is_heeded(fresh, tmp_path, photo):
    PILImage.fromarray(photo[:80, :80]).save(tmp_path / "p.png")
    spread = []
    for amount in ("0", "2"):
        arguments = (tmp_path / "p.png", "-o", tmp_path / amount, "-e", PLAIN, "-O", f"amount={amount}")
        assert fresh.run("sharpcli", "enhance", *arguments).returncode == 0
        with PILImage.open(tmp_path / amount / "p.png") as image:
            spread.append(np.asarray(image).std())
    assert spread[1] > spread[0]


def test_a_network_that_was_changed_after_it_was_installed_is_refused(fresh, tmp_path, photo):
    where = f"import sharpcli_{NETWORK.replace('-', '_')} as plugin; print(plugin.Network.file)"
    file = subprocess.run([fresh.python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    PILImage.fromarray(photo[:20, :20]).save(tmp_path / "p.png")
    with Path(file).open("r+b") as weights:
        begin = weights.read(1)
        weights.seek(0)
        weights.write(b"\0")
        weights.flush()
        try:
            done = fresh.run("sharpcli", "enhance", tmp_path / "p.png", "-o", tmp_path / "out", "-e", NETWORK)
        finally:
            weights.seek(0)
            weights.write(begin)
    assert done.returncode == 1
    assert "is not the one its card describes; install its package again" in done.stderr
