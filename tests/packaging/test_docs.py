"""What the documents say is run, or compared with what is run."""

import json
import re
import shlex
from pathlib import Path

import pytest
from PIL import Image as PILImage

from sharpcli.cli.commands.bench import command as bench
from sharpcli.plugin.registry import load_registry

ROOT = Path(__file__).parents[2]


def blocks(document, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


@pytest.fixture
def desk(tmp_path, monkeypatch, photo):
    """The files that the README's examples speak of."""
    monkeypatch.chdir(tmp_path)
    for name in ("photo.jpg", "holiday/day1/a.jpg", "small/b.png", "scans/c.tif", "originals/d.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        PILImage.fromarray(photo[:200, :240]).save(name)
    return tmp_path


@pytest.mark.timeout(600)
def test_every_command_of_the_readme_works_as_written(sharpcli, desk, monkeypatch):
    rounds = next(option for option in bench.params if option.name == "rounds")
    monkeypatch.setattr(rounds, "default", 1)  # more make the figures steadier, which nobody reads here
    uses = [block for block in blocks("README.md", "sh") if block.startswith("sharpcli ")]
    lines = [line for use in uses for line in use.splitlines() if line.startswith("sharpcli ")]
    assert len(lines) >= 13
    for line in lines:
        arguments = shlex.split(line, comments=True)[1:]
        done = sharpcli(*arguments)
        assert done.exit_code == 0, (line, done.stderr)
        assert "skipped" not in done.stdout or line.startswith("sharpcli check"), line
    assert (desk / "photo-sharp.jpg").is_file()
    assert (desk / "sharp" / "day1" / "a.jpg").is_file()
    with PILImage.open(desk / "large" / "b.png") as image:
        assert image.size == (480, 400)


def test_the_python_example_of_the_readme_works_as_written(desk):
    (example,) = blocks("README.md", "python")
    exec(example, {})
    assert (desk / "photo-sharp.jpg").is_file()


def test_the_training_guide_names_commands_and_options_that_exist(sharpcli):
    for line in "\n".join(blocks("docs/training.md", "sh")).splitlines():
        if line.startswith("sharpcli train "):
            words = shlex.split(line)
            text = sharpcli("train", words[2], "--help").stdout
            for option in [word for word in words if word.startswith("-")]:
                assert re.search(rf"{option}\b", text), f"{option} of: {line}"


def test_the_page_of_figures_shows_what_the_cards_of_the_weights_say():
    """Whoever replaces weights runs `train report --cards` again."""
    pairs = re.findall(r"(\d+\.\d\d) / (0\.\d{4})", (ROOT / "docs/benchmarks.md").read_text())
    shown = [(float(psnr), float(ssim)) for psnr, ssim in pairs]
    cards = [path.with_suffix(".json") for found in load_registry().found.values() for path in found.enhancer.weights()]
    measured = [json.loads(card.read_text())["scores"].get("x2", {}).get("result", {}) for card in cards]
    figures = [one for result in measured for one in result.values()]
    assert figures
    for one in figures:
        assert any(abs(psnr - one["psnr"]) < 0.0051 and abs(ssim - one["ssim"]) < 1e-9 for psnr, ssim in shown), one
