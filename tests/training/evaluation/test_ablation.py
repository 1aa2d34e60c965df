import dataclasses
import re

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli_training.data.pairs import Pairs
from sharpcli_training.evaluation.ablation import interval
from sharpcli_training.fit.loop import train
from sharpcli_training.recipe import Recipe

TINY = Recipe("student", 8, 1, steps=2, peak_rate=1e-3, batch=2, patch=32)


@pytest.fixture(scope="module")
def runs(packs, tmp_path_factory):
    """Two untrained-as-good-as runs and two that learned something."""
    root = tmp_path_factory.mktemp("arms")
    pairs = Pairs(packs / "x2", luma=True)
    for seed in (0, 1):
        train(dataclasses.replace(TINY, seed=seed), pairs, root / f"short-{seed}", lambda line: None)
        longer = dataclasses.replace(TINY, seed=seed, steps=150, peak_rate=6e-3, optimizer="soap", batch=4, ema=0.9)
        train(longer, pairs, root / f"long-{seed}", lambda line: None)
    return root


def test_the_better_arm_wins_and_its_interval_excludes_zero(sharpcli, runs, photo, tmp_path):
    folder = tmp_path / "Tiny"
    folder.mkdir()
    for index in range(6):
        PILImage.fromarray(photo[20 * index : 20 * index + 97, 10 : 10 + 120]).save(folder / f"{index}.png")
    arms = [f"{name}={runs / name}-0,{runs / name}-1" for name in ("short", "long")]
    done = sharpcli("train", "arms", folder, "--arm", arms[0], "--arm", arms[1], "-o", tmp_path / "table.md")
    assert done.exit_code == 0, done.stderr
    short, long = [line for line in done.stdout.splitlines() if re.match(r"\| (short|long) ", line)]
    gain, low, high = (float(text) for text in re.findall(r"[+-]\d+\.\d+", long.split("|")[-2]))
    assert 0 < low <= gain <= high
    means = [float(row.split("|")[3].split("±")[0]) for row in (short, long)]
    assert means[1] - means[0] == pytest.approx(gain, abs=2e-3)
    assert (tmp_path / "table.md").read_text().strip() == done.stdout.strip()


def test_arms_of_unlike_numbers_of_runs_are_refused(sharpcli, runs, tmp_path):
    one, two = f"a={runs}/short-0", f"b={runs}/long-0,{runs}/long-1"
    done = sharpcli("train", "arms", tmp_path, "--arm", one, "--arm", two)
    assert done.exit_code == 2
    assert "same number of runs" in done.stderr


def test_the_interval_covers_the_mean_and_narrows_with_more_images():
    rng = np.random.default_rng(5)
    few, many = (rng.normal(0.1, 0.2, count) for count in (20, 2000))
    widths = []
    for differences in (few, many):
        mean, low, high = (float(text) for text in re.findall(r"[+-]\d+\.\d+", interval(differences)))
        assert low < mean < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 5
