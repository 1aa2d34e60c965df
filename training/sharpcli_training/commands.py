"""`sharpcli train ...`: make the models. Imports torch only inside a command."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharpcli.errors import SharpError

if TYPE_CHECKING:
    from sharpcli_training.recipe import Recipe

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def train() -> None:
    """Make the teacher and the students."""


def _need_torch() -> None:
    _need("torch", "torchvision", "accelerate")


def _need(*modules: str) -> None:
    if any(find_spec(module) is None for module in modules):
        raise SharpError("training needs more than the base install; run: pip install 'sharpcli[train]'")


def _bar(description: str) -> tuple[Any, Callable[[int, int], None]]:
    from sharpcli.cli.running import progress_bar

    bar = progress_bar()
    task = bar.add_task(description, total=None)
    return bar, lambda done, total: bar.update(task, completed=done, total=total)


@train.command()
@click.argument("dataset")
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder for the archives and their pictures.")
@click.option("--validation", is_flag=True, help="Fetch the validation pictures too.")
@click.option("--mirror", metavar="URL", help="Fetch from this address instead of the official one.")
@click.option("--delete-archives", is_flag=True, help="Delete each archive once it is unpacked.  [default: keep it]")
def fetch(dataset: str, out: Path, **choices: Any) -> None:
    """Fetch the pictures of DATASET: div2k, or a TOML file of the same form.

    DIV2K (800 pictures, 3.5 GB, as much again unpacked; 100 more for --validation) may be used for academic research
    only. An interrupted fetch goes on when its command is given again.
    """
    _need("httpx")
    from sharpcli_training.fetch import fetch as bring
    from sharpcli_training.fetch import load_dataset

    loaded = load_dataset(dataset)
    click.echo(f"{loaded.title} ({loaded.address}): {loaded.terms}", err=True)
    for folder, count in bring(loaded, out, _bar, **choices).items():
        click.echo(f"{count} pictures -> {folder}")


@train.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder of the pack.")
@click.option("--profile", default="x2", type=click.Choice(["x2", "photo"]), show_default=True)
@click.option("--crops", default=10, show_default=True, help="Crops from each picture, at most.")
@click.option("--repeats", default=1, show_default=True, help="Times each crop is damaged anew.")
@click.option("--seed", default=0, show_default=True)
def prepare(sources: tuple[Path, ...], out: Path, **plan: Any) -> None:
    """Cut 128x128 crops from folders of sharp pictures, damage them, and pack the pairs."""
    from sharpcli_training.prepare import Plan
    from sharpcli_training.prepare import prepare as make_pack

    bar, report = _bar("pictures")
    with bar:
        counts = make_pack(sources, out, Plan(**plan), report)
    click.echo(f"{counts['train']} training and {counts['val']} validation pairs -> {out}")


def _training_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--pairs", required=True, type=FOLDER, help="A pack made by `prepare`."),
        click.option("-o", "--out", required=True, type=FOLDER, help="Folder of the run; an unfinished run goes on."),
        click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a setting of the recipe."),
        click.option("--init", type=FOLDER, help="Start from the weights of this run."),
        click.option("--save-every", default=120.0, show_default=True, help="Seconds between checkpoints."),
    ]
    for decorate in reversed(options):
        function = decorate(function)
    return function


@train.command()
@_training_options
@click.option("--recipe", default="teacher", show_default=True, help="A recipe of the package or a TOML file.")
@click.option("--encoder", type=FILE, help="ImageNet weights of ResNet-18, .pth or .safetensors.")
def teacher(recipe: str, changes: tuple[str, ...], encoder: Path | None, **where: Any) -> None:
    """Train the teacher on (damaged, original) pairs."""
    _need_torch()
    from sharpcli_training.recipe import load_recipe

    _fit(load_recipe(recipe, changes), encoder=encoder, **where)


@train.command()
@_training_options
@click.option("--recipe", default="student", show_default=True, help="student, student-live, or a TOML file.")
@click.option("--teacher", type=FOLDER, help="The teacher's run; its predictions are computed once and kept.")
def student(recipe: str, changes: tuple[str, ...], teacher: Path | None, **where: Any) -> None:
    """Train a student on the teacher's predictions, the originals, or both (the recipe's teacher_share)."""
    _need_torch()
    from sharpcli_training.recipe import load_recipe

    loaded = load_recipe(recipe, changes)
    if teacher is None and loaded.teacher_share > 0:
        raise SharpError("the recipe learns from a teacher: give --teacher RUN, or --set teacher_share=0")
    _fit(loaded, teacher=teacher if loaded.teacher_share > 0 else None, **where)


def _fit(
    recipe: Recipe,
    pairs: Path,
    out: Path,
    init: Path | None,
    save_every: float,
    encoder: Path | None = None,
    teacher: Path | None = None,
) -> None:
    from sharpcli_training.base import RestorationNetwork
    from sharpcli_training.engine import Engine
    from sharpcli_training.labels import label
    from sharpcli_training.loop import train as run_loop
    from sharpcli_training.networks import load_run, start_from
    from sharpcli_training.pairs import Pairs
    from sharpcli_training.teacher import Teacher, load_encoder

    if init is not None and encoder is not None:
        raise SharpError("--init and --encoder both say what to start from; give one of them")
    engine = Engine()
    with engine.first():
        pack = Pairs(pairs, luma=recipe.network == "student")
        if teacher is not None:
            bar, report = _bar("teacher's predictions")
            with bar if engine.main else nullcontext():
                pack.labels = label(teacher, Pairs(pairs), report)

    def start(network: RestorationNetwork) -> None:
        if init is not None:
            start_from(network, load_run(init)[1])
        elif encoder is not None and isinstance(network, Teacher):
            load_encoder(network, encoder)

    given = {"encoder": encoder, "init": init, "teacher": teacher}
    lineage = {role: path.name for role, path in given.items() if path is not None}
    run_loop(recipe, pack, out, click.echo, start, lineage, save_every)
    engine.close()
    if engine.main:
        click.echo(f"trained -> {out}")


@train.command()
@click.argument("run", type=FOLDER)
@click.option("-o", "--out", required=True, type=FILE, help="The .onnx file; its card goes beside it.")
@click.option("--half", is_flag=True, help="Store weights as float16: half the file, same arithmetic.")
def export(run: Path, out: Path, half: bool) -> None:
    """Write a run's network as ONNX with a JSON card."""
    _need_torch()
    from sharpcli_training.export import export as write

    card = write(run, out, half)
    click.echo(f"{card['parameters']} parameters, {card['kmac_per_pixel']} kMAC/pixel, {card['bytes']} bytes -> {out}")


@train.command()
@click.argument("folders", nargs=-1, required=True, type=FOLDER)
@click.option("-e", "--enhancer", "enhancers", multiple=True, help="Which to measure.  [default: all three networks]")
@click.option("--grid", is_flag=True, help="The photo profile on every kind of damage, instead of x2 on every folder.")
@click.option("-o", "--out", type=FILE, help="Write the table to this Markdown file too.")
@click.option("--cards", is_flag=True, help="Write the figures into the cards of the weights.")
def evaluate(folders: tuple[Path, ...], enhancers: tuple[str, ...], grid: bool, out: Path | None, cards: bool) -> None:
    """Measure the installed enhancers on folders of originals, through the same pipeline as `enhance`."""
    from sharpcli_training import evaluate as measure

    def report(line: str) -> None:
        click.echo(line, err=True)

    names = enhancers or ("student-live", "student", "teacher")
    text = f"Convention {measure.CONVENTION}, BT.601 luma, 2 border pixels cut.\n"
    if grid:
        for folder in folders:
            table = measure.damage_grid(folder, names, report)
            text += f"\n{folder.name}, profile photo, PSNR in dB: the input's own, then the gain over it.\n\n"
            text += measure.grid_markdown(table)
            if cards:
                measure.write_cards(table, f"{folder.name} damage grid", "photo")
    else:
        table = measure.test_sets(folders, names, report)
        text += "\nPSNR in dB / SSIM.\n\n" + measure.sets_markdown(table)
        if cards:
            measure.write_cards(table, "x2", "x2")
    click.echo(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
