"""What the page of figures says in each of its regions, from what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sharpcli.measure.machine import machine
from sharpcli.scoring.score import CONVENTIONS
from sharpcli_training.evaluation import tables
from sharpcli_training.evaluation.evaluate import CONVENTION, JPEG_LOSS, SCALE, SHARP_KEPT, Table, name_of, read_folder
from sharpcli_training.evaluation.rows import INPUT, Row, names_of
from sharpcli_training.evaluation.timing import STARTUP, TIMED_SIZE
from sharpcli_training.report.plan import ReportPlan
from sharpcli_training.report.plot import Point, draw_quality
from sharpcli_training.report.published import SETS, int8_losses, load_anchors, published_markdown

PLOTTED = "Set14"
DAGGER = "† recalled, not checked against the publication."


def setup(plan: ReportPlan) -> str:
    """Command, convention, data and machine."""
    data = []
    for folder in dict.fromkeys((*plan.folders, *plan.grids)):
        images = read_folder(folder)
        megapixels = sum(image.shape[0] * image.shape[1] for image in images) / 1e6
        data.append(f"{name_of(folder)} ({len(images)} images, {megapixels:.1f} megapixels)")
    return f"""What stands between the markers in this file is written by

`{plan.report_command()}`

and the command above each table prints that table alone. All figures are of the shipped weights files, through the
pipeline that `sharpcli enhance` runs, 8-bit results.

- Convention: {CONVENTIONS[CONVENTION]}, PSNR in dB / SSIM, mean over the images.
- Data: {", ".join(data)}. Degradation by Pillow's bicubic interpolation.
- Machine: {machine()}."""


def sets(plan: ReportPlan, table: Table, seconds: Mapping[Row, float]) -> str:
    """The table of test sets."""
    timed = "ms: one {}x{} image in memory, uint8 RGB to uint8 RGB, median, measured in alternation.".format(
        *TIMED_SIZE
    )
    text = f"`{plan.sets_command()}`\n\n{tables.sets_markdown(table, seconds)}"
    return f"{text}\n{timed}" if seconds else text


def int8(table: Table) -> str:
    """What INT8 costs, ours beside published; empty where nothing runs in INT8."""
    ours = tables.int8_markdown(table)
    others = ", ".join(f"{name} {loss}" for name, loss in int8_losses().items())
    note = f"Published losses of INT8 weights and activations on Set14 at x2, in dB: {others}."
    return f"What INT8 changes, from the same run:\n\n{ours}\n{note}" if ours else ""


def published(plan: ReportPlan) -> str:
    """Published networks on the same test sets."""
    table = published_markdown(load_anchors(), [name_of(folder) for folder in plan.folders])
    if not table:
        return ""
    return f"""PSNR in dB, luma, 2 border pixels cut, from the publications and not measured here. Their bicubic rows
differ from ours and among each other, by up to 0.3 dB: compare levels, not gains. {DAGGER}

{table}"""


def plot(table: Table, path: Path) -> str:
    """Draws the plot, of Set14 where it was measured, and shows it; empty where no row has a cost to draw."""
    names = list(table[INPUT])
    known = [name for name in (PLOTTED, *SETS) if name in names]
    name = known[0] if known else names[0]
    profile = f"x{SCALE}"
    points = []
    for row, figures in table.items():
        if card := row.card(profile):
            points.append(Point(row.label, card["kmac_per_pixel"], figures[name]["psnr"], row.precision or "fp32"))
    if not points:
        return ""
    draw_quality(points, load_anchors(), name, table[INPUT][name]["psnr"], path)
    return f"![PSNR on {name} at x2 against kMAC per pixel]({path.name})"


def grids(plan: ReportPlan, measured: Sequence[Table]) -> str:
    """The degradation grids, with the count of cells that miss what is asked."""
    head = f"""The JPEG is applied to the small image, before it is enlarged. Given are the input's own PSNR in
dB / SSIM, then the gain over it; for a sharp input, what comes back. Asked of every cell is a gain in both; of a sharp
image that it comes back at {SHARP_KEPT:g} dB or more, and with JPEG that it loses at most {JPEG_LOSS:g} dB.
**Bold** cells miss that."""
    parts = [head]
    for folder, table in zip(plan.grids, measured, strict=True):
        count = len(table[INPUT])
        missed = ", ".join(f"{row.label} {number}" for row, number in tables.misses(table).items())
        parts.append(
            f"### {name_of(folder)}\n\n`{plan.grid_command(folder)}`\n\n{tables.grid_markdown(table)}".rstrip()
        )
        parts.append(f"Cells that miss, of {count}: {missed}.")
    return "\n\n".join(parts)


def cost(plan: ReportPlan) -> str:
    """What the weights files hold."""
    return f"The weights files, as their cards describe them:\n\n{tables.cost_markdown(names_of(plan.rows))}"


def startup(seconds: Mapping[str, float]) -> str:
    """How long the command line takes to answer."""
    if not seconds:
        return ""
    base = next(iter(STARTUP))
    table = tables.startup_markdown(seconds)
    return f"`python benchmarks/startup.py`: milliseconds to answer, and the ratio to {base} alone.\n\n{table}"
