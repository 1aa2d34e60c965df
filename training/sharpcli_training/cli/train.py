"""`sharpcli train`: train the networks. Imports torch only inside commands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharpcli.cli.numbers import Number
from sharpcli.errors import SharpError
from sharpcli_training.cli.arms import arms
from sharpcli_training.cli.calls import calls
from sharpcli_training.cli.draws import draws
from sharpcli_training.cli.evaluate import FILE_PATH, FOLDER, evaluate
from sharpcli_training.cli.export import export
from sharpcli_training.cli.report import report
from sharpcli_training.cli.run import originals, run
from sharpcli_training.extras import need, need_torch

if TYPE_CHECKING:
    from sharpcli_training.recipe import Recipe


@click.group()
def train() -> None:
    """Train the teacher and student networks."""


def _bar(description: str) -> tuple[Any, Callable[[int, int], None]]:
    from sharpcli.cli.progress import progress_bar

    bar = progress_bar()
    task = bar.add_task(description, total=None)
    return bar, lambda done, total: bar.update(task, completed=done, total=total)


@train.command(short_help="Download a training set.")
@click.argument("dataset")
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder for archives and images.")
@click.option("--validation", is_flag=True, help="Also download the validation images.")
@click.option("--mirror", metavar="URL", help="Download from this address instead of the official one.")
@click.option("--delete-archives", is_flag=True, help="Delete each archive after unpacking it.")
def fetch(dataset: str, out: Path, **choices: Any) -> None:
    """Download a training set: div2k, or one described by a TOML file of the same form.

    DIV2K (800 images, 3.5 GB, and as much again unpacked; 100 more with --validation) may be used for academic
    research only. Repeat the command to resume an interrupted download.
    """
    need("httpx")
    from sharpcli_training.data.fetch import fetch as download
    from sharpcli_training.data.fetch import load_dataset

    loaded = load_dataset(dataset)
    click.echo(f"{loaded.title} ({loaded.address}): {loaded.terms}", err=True)
    for folder, count in download(loaded, out, _bar, **choices).items():
        click.echo(f"{count} images -> {folder}")


@train.command(short_help="Make a training pack from sharp images.")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder for the pack.")
@click.option(
    "--profile",
    default="x2",
    type=click.Choice(["x2", "photo", "enlarged"]),
    show_default=True,
    help="Kind of degradation.",
)
@click.option("--crops", metavar="N", default=10, show_default=True, help="Maximum number of crops per image.")
@click.option("--repeats", metavar="N", default=1, show_default=True, help="Number of degraded versions of each crop.")
@click.option("--seed", metavar="N", default=0, show_default=True, help="Random seed.")
def prepare(sources: tuple[Path, ...], out: Path, **plan: Any) -> None:
    """Cut 128x128 crops from sharp images, degrade them, and store the pairs as a pack."""
    from sharpcli_training.data.prepare import PreparePlan
    from sharpcli_training.data.prepare import prepare as make_pack

    bar, report = _bar("images")
    with bar:
        counts = make_pack(sources, out, PreparePlan(**plan), report)
    click.echo(f"{counts['train']} training and {counts['val']} validation pairs -> {out}")
    if counts["grey_images"]:
        click.echo(f"{counts['grey_images']} images are grey: for students only, not for RGB teachers", err=True)
    if not counts["val"]:
        click.echo("no photograph is held out: runs would validate on training pairs; add photographs", err=True)


@train.command(short_help="Generate synthetic images of text, windows and charts.")
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder for the images.")
@click.option("--count", metavar="N", default=50, show_default=True, type=click.IntRange(1), help="Number of images.")
@click.option("--seed", metavar="N", default=0, show_default=True, type=click.IntRange(0), help="Random seed.")
def draw(out: Path, **which: int) -> None:
    """Generate synthetic images of text, windows and charts for `prepare`."""
    from sharpcli_training.data.synthetic import draw_graphics

    bar, report = _bar("images")
    with bar:
        draw_graphics(out, report=report, **which)
    click.echo(f"{which['count']} images -> {out}")


def _training_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--pairs", required=True, type=FOLDER, help="Training pack made by `prepare`."),
        click.option(
            "-o", "--out", required=True, type=FOLDER, help="Folder for the run. An unfinished run is continued."
        ),
        click.option(
            "--set",
            "changes",
            multiple=True,
            metavar="KEY=VALUE",
            help="Override a setting of the recipe. Can be repeated.",
        ),
        click.option(
            "--init",
            metavar="RUN_OR_WEIGHTS",
            help="Start from the weights of a run, of an exported ONNX file, or shipped ones such as student-x2.",
        ),
        click.option(
            "--save-every",
            metavar="SECONDS",
            type=Number(min=0),
            default=120,
            show_default=True,
            help="Seconds between checkpoints.",
        ),
    ]
    for decorate in reversed(options):
        function = decorate(function)
    return function


@train.command(short_help="Train the teacher.")
@_training_options
@click.option(
    "--recipe", metavar="NAME_OR_FILE", default="teacher", show_default=True, help="Built-in recipe or TOML file."
)
@click.option(
    "--encoder", metavar="FILE", type=FILE_PATH, help="ImageNet weights for ResNet-18, as .pth or .safetensors."
)
def teacher(recipe: str, changes: tuple[str, ...], encoder: Path | None, **where: Any) -> None:
    """Train the teacher on pairs of degraded and reference images."""
    need_torch()
    from sharpcli_training.recipe import load_recipe

    _fit(load_recipe(recipe, changes), encoder=encoder, **where)


@train.command(short_help="Train a student.")
@_training_options
@click.option(
    "--recipe",
    metavar="NAME_OR_FILE",
    default="student",
    show_default=True,
    help="Built-in recipe (student, student-live) or TOML file.",
)
@click.option("--teacher", type=FOLDER, help="Run of the teacher. Its predictions are computed once and stored.")
@click.option("--unpaired", type=FOLDER, help="Pack of inputs without references, labelled by the teacher.")
def student(recipe: str, changes: tuple[str, ...], teacher: Path | None, unpaired: Path | None, **where: Any) -> None:
    """Train a student on the teacher's predictions, the reference images, or both (setting teacher_share)."""
    need_torch()
    from sharpcli_training.recipe import load_recipe

    loaded = load_recipe(recipe, changes)
    if teacher is None and loaded.teacher_share > 0:
        raise SharpError("this recipe needs a teacher; use --teacher DIRECTORY, or --set teacher_share=0")
    if unpaired is not None and loaded.teacher_share < 1:
        raise SharpError("--unpaired inputs have no references, so they need --set teacher_share=1")
    _fit(loaded, teacher=teacher if loaded.teacher_share > 0 else None, unpaired=unpaired, **where)


def _fit(
    recipe: Recipe,
    pairs: Path,
    out: Path,
    init: str | None,
    save_every: float,
    encoder: Path | None = None,
    teacher: Path | None = None,
    unpaired: Path | None = None,
) -> None:
    from sharpcli_training.data.pairs import Pairs
    from sharpcli_training.fit.engine import Engine
    from sharpcli_training.fit.initial import start_with
    from sharpcli_training.fit.loop import train as run_loop
    from sharpcli_training.fit.teacher_labels import label
    from sharpcli_training.networks.base import RestorationNetwork
    from sharpcli_training.networks.teacher import Teacher, load_encoder

    if init is not None and encoder is not None:
        raise SharpError("--init and --encoder cannot be combined")
    engine = Engine()
    with engine.first():
        pack = Pairs(pairs, luma=recipe.network == "student", unpaired=unpaired)
        if teacher is not None:
            bar, report = _bar("teacher's predictions")
            with bar if engine.main else nullcontext():
                pack.labels = [label(teacher, folder, report) for folder in pack.folders]

    def start(network: RestorationNetwork) -> None:
        if init is not None:
            start_with(network, init)
        elif encoder is not None and isinstance(network, Teacher):
            load_encoder(network, encoder)

    given = {"encoder": encoder, "init": init, "teacher": teacher, "unpaired": unpaired}
    lineage = {role: Path(name).name for role, name in given.items() if name is not None}
    run_loop(recipe, pack, out, click.echo, start, lineage, save_every, engine)
    engine.close()
    if engine.main:
        click.echo(f"trained -> {out}")


train.add_command(evaluate)
train.add_command(report)
train.add_command(arms)
train.add_command(calls)
train.add_command(originals)
train.add_command(run)
train.add_command(draws)
train.add_command(export)
