"""What the benchmark of the estimator prints is what the application finds, and what not knowing costs."""

import dataclasses
import sys

import pytest
from PIL import Image as PILImage
from skimage import data

from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.chain import Chain
from sharpcli.inference.degradation import Degradation
from sharpcli.scoring.score import chosen_metrics
from sharpcli_training.evaluation.rows import Row
from sharpcli_training.evaluation.wide.cells import chosen_cells
from sharpcli_training.evaluation.wide.measure import WidePlan, measured_cell
from sharpcli_training.evaluation.wide.references import read_references
from tests.helpers.scripts import benchmark


@pytest.fixture(scope="module")
def estimation():
    return benchmark("estimation")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Two photographs at half their size, without the grain that would add to the noise."""
    folder = tmp_path_factory.mktemp("sharp")
    for name, photo in (("a", data.astronaut()), ("b", data.coffee())):
        PILImage.fromarray(photo[:384, 100:484]).reduce(2).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def tables(estimation, monkeypatch, capsys):
    """Run it; its tables, each as its rows, and these as entries by column."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["estimation.py", *map(str, arguments)])
        estimation.main()
        blocks = [block for block in capsys.readouterr().out.split("\n\n") if block.startswith("|")]
        return [
            [[entry.strip() for entry in row.strip("|").split("|")] for row in block.strip().splitlines()]
            for block in blocks
        ]

    return run


def test_three_tables_say_what_was_found_and_what_it_cost(tables, images):
    rows = ("disc 2.5", "JPEG 50, then x2", "sharp + noise 5")
    seen, kinds, costs = tables(images, "-e", "student", *(word for row in rows for word in ("--only", row)))
    assert {len(row) for row in seen} == {15}
    titles, disc, enlarged, noisy = seen[0], *seen[2:]
    assert [titles[index] for index in (3, 5, 6, 14)] == ["defocus, %", "size, px", "found", "light right, %"]
    assert disc[:6] == ["disc 2.5", "0", "0", "100", "0", "2.5"]
    assert float(disc[6]) == pytest.approx(2.5, rel=0.1)
    assert disc[14] == "100"
    assert enlarged[10] == "early 50"
    share, factor = enlarged[13].split(": ")
    assert (enlarged[12], share) == ("2", "100 %")
    assert float(factor) == pytest.approx(2, rel=0.1)
    assert noisy[8] == "5"
    assert noisy[9].startswith("100 %: ")
    assert float(noisy[9].split()[-1]) == pytest.approx(5, rel=0.2)
    assert [row[:2] for row in kinds[2:]] == [["none", "4"], ["defocus", "2"]]
    assert kinds[3][2:] == ["0", "0", "100", "0"]
    assert [row[0] for row in costs[2:]] == list(rows)
    for _, _, found, true, lost in costs[2:]:
        assert float(lost) == pytest.approx(float(true) - float(found), abs=0.011)
    assert float(costs[2][3]) > 3


def test_gains_are_those_of_the_other_table(estimation, images):
    """There enhancers run by the application's whole path."""
    (cell,) = chosen_cells(["Gaussian 1 + noise 3"])
    references = read_references(images, 192)
    name, enhancer = estimation.told_by_vector("student-live")
    _, before, gains = estimation.measured_row(cell, references, {name: enhancer})
    plan = WidePlan((), (Row.parse("student-live:profile=deblur"),), chosen_metrics(["psnr"]))
    same = measured_cell(cell, plan, references)
    level, (result,) = same.input["psnr"], same.found.values()
    assert (before, gains[name][0]) == pytest.approx((level, result["psnr"] - level))


def test_size_and_light_are_judged_where_the_kind_was_right(estimation):
    truth = Degradation(linear=1.0).with_blur("gaussian", 2.0)
    found = [
        *(dataclasses.replace(truth, sigma=size, linear=light) for size, light in ((1.8, 0.0), (2.0, 0.9), (2.2, 1.0))),
        Degradation(jpeg=0.9, quality=80.0).with_blur("motion", 9.0),
    ]
    row = list(estimation.seen(truth, found))
    assert row[:4] == ["0", "75", "0", "25"]
    assert row[4:7] == ["2", "2.00", "10"]
    assert row[10] == "25 %: 80"
    assert row[13] == "67"
    missed = list(estimation.seen(truth, [Degradation()]))
    assert missed[0] == "100"
    assert missed[5:7] == ["", ""]
    assert missed[13] == ""


def test_kinds_are_confused_in_shares_of_what_was_true(estimation):
    counts = {("motion", "motion"): 3, ("motion", "none"): 1, ("none", "gaussian"): 2}
    assert list(estimation.confusion(counts)) == ["| none | 2 | 0 | 100 | 0 | 0 |", "| motion | 4 | 25 | 0 | 0 | 75 |"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{images}", "-e", "bicubic"], "bicubic"),
        (["{images}", "-e", "student:profile=photo"], "student profile=photo cannot be told what happened"),
        (["{images}", "--only", "disc 3"], "disc 3"),
        (["{images}/none"], "is not a folder"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_line(tables, images, capsys, arguments, said):
    with pytest.raises(SystemExit):
        tables(*(argument.format(images=images) for argument in arguments))
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_the_true_direction_of_a_motion_is_the_one_that_is_undone(estimation):
    """Told another direction, a network gains less."""
    reference = data.astronaut()[:192, 100:292]
    _, enhancer = estimation.told_by_vector("student:precision=fp32")
    gains = []
    for angle in (30, -30):
        degraded = Chain(blur=Blur("motion", 9, 30))(reference)
        told = estimation.true_degradation(Chain(blur=Blur("motion", 9, angle))).vector()
        result = dataclasses.replace(enhancer, vector=told).enhance(degraded)
        gains.append(estimation.decibels(result, reference) - estimation.decibels(degraded, reference))
    assert gains[0] > 3
    assert gains[0] > gains[1] + 2


@pytest.mark.parametrize("chain", [Chain(), Chain(webp=80)], ids=["nothing", "WebP"])
def test_what_networks_have_no_word_for_is_not_told(estimation, chain):
    assert not any(estimation.true_degradation(chain).vector())
