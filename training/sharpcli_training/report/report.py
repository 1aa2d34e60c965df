"""Measures everything that docs/benchmarks.md shows, and writes the page, its plot and the page of crops."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli_training.evaluation.cards import write_cards
from sharpcli_training.evaluation.evaluate import Say, degradation_grid, folder_names, test_sets
from sharpcli_training.evaluation.rows import UNSHARP, Row, names_of
from sharpcli_training.evaluation.timing import time_rows, time_startup
from sharpcli_training.report.page import fill, read_page
from sharpcli_training.report.plan import ReportPlan

REGIONS = frozenset({"setup", "x2", "int8", "published", "plot", "grid", "cost", "startup"})
CROPS_REGIONS = frozenset({"about", "x2", "photo"})


def write_report(plan: ReportPlan, say: Say) -> list[Path]:
    """Measure and write; returns the files written.

    What stands outside the markers of pages that exist is kept. Raises SharpError, as far as it can be known before
    anything is measured.
    """
    if find_spec("matplotlib") is None:
        raise SharpError("the report draws a plot and needs matplotlib; run: pip install 'sharpcli[train]'")
    from sharpcli_training.report import sections

    crops_page = plan.out.with_name("crops.md")
    page = read_page(plan.out, "benchmarks", REGIONS)
    crops_text = read_page(crops_page, "crops", CROPS_REGIONS) if plan.crops else ""
    sets = test_sets(plan.folders, plan.rows, say)
    seconds = time_rows((UNSHARP, *plan.rows), "x2", plan.rounds)
    answers = time_startup(plan.rounds)
    say("times")
    grids = [degradation_grid(folder, plan.grid_rows(folder), say) for folder in plan.grids]
    plan.out.parent.mkdir(parents=True, exist_ok=True)
    plot = plan.out.with_name("quality-cost.png")
    figures = {
        "setup": sections.setup(plan),
        "x2": sections.sets(plan, sets, seconds),
        "int8": sections.int8(sets),
        "published": sections.published(plan),
        "plot": sections.plot(sets, plot),
        "grid": sections.grids(plan, grids),
        "cost": sections.cost(plan),
        "startup": sections.startup(answers),
    }
    # Before the crops, so that whoever interrupts them keeps what took longest.
    plan.out.write_text(fill(page, figures), encoding="utf-8")
    if plan.cards:
        write_cards(sets, "x2", "x2")
        for name, table in zip(folder_names(plan.grids), grids, strict=True):
            write_cards(table, f"{name} degradation grid", "photo")
    shown = [crops_page, *write_crops(plan, crops_page, crops_text, say)] if plan.crops else []
    return [path for path in (plan.out, plot, *shown) if path.exists()]


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
