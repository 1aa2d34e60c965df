"""Measures everything that docs/benchmarks.md shows, and writes the page, its plot and the page of crops."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli_training.evaluation.cards import write_cards
from sharpcli_training.evaluation.evaluate import Say, folder_names
from sharpcli_training.evaluation.rows import Row, names_of
from sharpcli_training.evaluation.wide.cards import write_wide_cards
from sharpcli_training.report.measured import Measured
from sharpcli_training.report.page import fill, read_page
from sharpcli_training.report.plan import REGIONS, ReportPlan

CROPS_REGIONS = frozenset({"about", "x2", "photo"})


def write_report(plan: ReportPlan, say: Say) -> list[Path]:
    """Measure and write; returns the files written.

    What stands outside the markers of pages that exist is kept, and with `only` all other regions and the crops, too.
    Raises SharpError, as far as it can be known before anything is measured.
    """
    if find_spec("matplotlib") is None:
        raise SharpError("the report draws a plot and needs matplotlib; run: pip install 'sharpcli[train]'")
    crops_page = plan.out.with_name("crops.md")
    with_crops = plan.crops and not plan.only
    wanted = plan.only or frozenset({"wide"} if plan.wide else ())
    page = read_page(plan.out, "benchmarks", frozenset(REGIONS), wanted)
    crops_text = read_page(crops_page, "crops", CROPS_REGIONS) if with_crops else ""
    measured = Measured(plan, say)
    plot = plan.out.with_name("quality-cost.png")
    plan.out.parent.mkdir(parents=True, exist_ok=True)
    writers = _writers(plan, measured, plot)
    figures = {name: writers[name]() for name in plan.regions}
    # Before the crops, so that whoever interrupts them keeps what took longest.
    plan.out.write_text(fill(page, figures), encoding="utf-8")
    if plan.cards:
        _write_cards(plan, measured)
    shown = [plot] if figures.get("plot") else []
    return [plan.out, *shown, *([crops_page, *write_crops(plan, crops_page, crops_text, say)] if with_crops else [])]


def _writers(plan: ReportPlan, measured: Measured, plot: Path) -> dict[str, Callable[[], str]]:
    """What writes each region."""
    from sharpcli_training.report import sections

    return {
        "setup": lambda: sections.setup(plan),
        "x2": lambda: sections.sets(plan, measured.sets, measured.seconds),
        "int8": lambda: sections.int8(measured.sets),
        "published": lambda: sections.published(plan),
        "plot": lambda: sections.plot(measured.sets, plot),
        "grid": lambda: sections.grids(plan, measured.grids),
        "wide": lambda: sections.wide(plan, measured.wide_plan, measured.wide),
        "cost": lambda: sections.cost(plan),
        "startup": lambda: sections.startup(measured.answers),
    }


def _write_cards(plan: ReportPlan, measured: Measured) -> None:
    """The figures of the regions that were written, into the cards of the weights."""
    if "x2" in plan.regions:
        write_cards(measured.sets, "x2", "x2")
    if "grid" in plan.regions:
        for name, table in zip(folder_names(plan.grids), measured.grids, strict=True):
            write_cards(table, f"{name} degradation grid", "photo")
    if "wide" in plan.regions and measured.wide:
        write_wide_cards(measured.wide)


def write_crops(plan: ReportPlan, path: Path, text: str, say: Say) -> list[Path]:
    """Fill the page of crops whose present text is `text`, and write it and its sheets; returns the sheets."""
    from sharpcli_training.report import crop_sheet as sheets
    from sharpcli_training.report import crops

    rows = [Row(name) for name in names_of(plan.rows)]
    images = crops.load_photographs()
    figures = {"about": sheets.about(plan.report_command(), plan.out.name, images)}
    files = []
    for profile in crops.CELLS:
        found = crops.find_crops(images, rows, profile, say)
        files.append(path.with_name(f"crops-{profile}.webp"))
        sheets.draw_sheet(found, rows, files[-1])
        table = sheets.crops_markdown(found, rows)
        looked = " / ".join(f"`{cell}`" for cell in crops.CELLS[profile])
        figures[profile] = f"Degradations: {looked}.\n\n![Crops of profile {profile}]({files[-1].name})\n\n{table}"
    path.write_text(fill(text, figures), encoding="utf-8")
    return files
