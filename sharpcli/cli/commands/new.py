"""`sharpcli new`: a plugin's package to begin with."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharpcli.errors import SharpError
from sharpcli.files.names import shown

if TYPE_CHECKING:
    from sharpcli.scaffold.onnx.facts import Facts
    from sharpcli.scaffold.onnx.questions import Question

ONNX = "With --onnx, where the file does not tell: "


@click.command()
@click.argument("name")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--onnx", metavar="FILE", type=click.Path(path_type=Path), help="Make the enhancer of this network.")
@click.option("--layout", type=click.Choice(["nchw", "nhwc"]), help=f"{ONNX}channels before or after rows and columns.")
@click.option("--order", type=click.Choice(["rgb", "bgr"]), help=f"{ONNX}the order of its channels.")
@click.option("--peak", type=click.Choice(["1", "255"]), help=f"{ONNX}the value of white.")
def command(name: str, folder: Path | None, onnx: Path | None, **given: str | None) -> None:
    """Write a plugin's package to begin with.

    The enhancer NAME goes into DIR, sharpcli-NAME if not given: a package to install, with a module, tests and the
    settings of a linter and a type checker, all of which it passes. With --onnx the enhancer is a network of yours;
    what its file does not tell is found out by running it on a photograph, or asked.
    """
    from sharpcli.scaffold.package import check_new_name, free_folder, new_plugin

    check_new_name(name)
    free_folder(name, folder)  # before a network is tried, which takes a while
    written = new_plugin(name, folder, _facts(onnx, given))
    click.echo(f"wrote {shown(written)}; next:")
    enter = [] if written.resolve() == Path.cwd() else [f"cd {shlex.quote(str(written))}"]
    for line in (*enter, "pip install -e '.[dev]'", "pytest"):
        click.echo(f"    {shown(line)}")


def _facts(onnx: Path | None, given: Mapping[str, Any]) -> Facts | None:
    """What there is to know of a network, printed as it is found."""
    if onnx is None:
        if options := [f"--{name}" for name, value in given.items() if value is not None]:
            raise SharpError(f"{' and '.join(options)} can only be given with --onnx FILE")
        return None
    from sharpcli.scaffold.onnx.facts import read_facts

    def ask(questions: Sequence[Question]) -> Mapping[str, str]:
        return _answers(questions, onnx)

    click.echo(f"trying {shown(onnx)}", err=True)
    peak = int(given["peak"]) if given["peak"] else None
    facts = read_facts(onnx, ask, given["layout"], given["order"], peak)  # type: ignore[arg-type]  # as click checked
    for line in facts.lines():
        click.echo(f"    {line}")
    return facts


def _answers(questions: Sequence[Question], onnx: Path) -> Mapping[str, str]:
    """What somebody at a terminal answers; raises SharpError naming the options where nobody is."""
    if not sys.stdin.isatty():
        asked = "; ".join(
            f"{question.text}? Give --{question.name} {' or '.join(question.choices)}" for question in questions
        )
        raise SharpError(f"{shown(onnx.name)} does not tell everything: {asked}")
    try:
        return _prompted(questions)
    except click.Abort:
        raise KeyboardInterrupt from None


def _prompted(questions: Sequence[Question]) -> Mapping[str, str]:
    return {
        question.name: click.prompt(f"{question.text}?", type=click.Choice(question.choices)) for question in questions
    }
