"""`sharpcli new`: create a plugin package."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharpcli.cli.stderr import say
from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError
from sharpcli.files.names import shown

if TYPE_CHECKING:
    from sharpcli.scaffold.onnx.facts import Facts
    from sharpcli.scaffold.onnx.questions import Question

UNDETECTED = "--onnx network, if it cannot be detected."


@click.command(cls=Command)
@click.argument("name")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--onnx", metavar="FILE", type=click.Path(path_type=Path), help="Wrap this ONNX network.")
@click.option("--layout", type=click.Choice(["nchw", "nhwc"]), help=f"Channel position of the {UNDETECTED}")
@click.option("--order", type=click.Choice(["rgb", "bgr"]), help=f"Channel order of the {UNDETECTED}")
@click.option("--peak", type=click.Choice(["1", "255"]), help=f"Value of white in the {UNDETECTED}")
def command(name: str, folder: Path | None, onnx: Path | None, **given: str | None) -> None:
    """Create a plugin package.

    Creates the enhancer NAME in DIR (default: sharpcli-NAME): an installable package with a module, tests, and the
    configuration of a linter and a type checker, all of which pass. With --onnx, the enhancer wraps your network.
    Properties that the file does not state are found by running it on a photograph, or asked for.
    """
    from sharpcli.scaffold.package import check_new_name, free_folder, new_plugin

    check_new_name(name)
    free_folder(name, folder)  # before testing the network, which takes a while
    written = new_plugin(name, folder, _facts(onnx, given))
    echo(f"Created {shown(written)}. Next steps:")
    enter = [] if written.resolve() == Path.cwd() else [f"cd {shlex.quote(str(written))}"]
    for line in (*enter, "pip install -e '.[dev]'", "pytest"):
        echo(f"    {shown(line)}")


def _facts(onnx: Path | None, given: Mapping[str, Any]) -> Facts | None:
    """The properties of the --onnx network, which are also printed; None without --onnx."""
    if onnx is None:
        if options := [f"--{name}" for name, value in given.items() if value is not None]:
            raise SharpError(f"{' and '.join(options)} can only be given with --onnx FILE")
        return None
    from sharpcli.scaffold.onnx.facts import read_facts

    def ask(questions: Sequence[Question]) -> Mapping[str, str]:
        return _answers(questions, onnx)

    say(f"Testing {onnx}")
    peak = int(given["peak"]) if given["peak"] else None
    facts = read_facts(onnx, ask, given["layout"], given["order"], peak)  # type: ignore[arg-type]  # as click checked
    for line in facts.lines():
        echo(f"    {line}")
    return facts


def _answers(questions: Sequence[Question], onnx: Path) -> Mapping[str, str]:
    """Ask the user; raises SharpError naming the options if stdin is not a terminal."""
    if not sys.stdin.isatty():
        asked = "; ".join(
            f"{question.text}? Give --{question.name} {' or '.join(question.choices)}" for question in questions
        )
        raise SharpError(f"some properties of {shown(onnx.name)} could not be detected: {asked}")
    try:
        return _prompted(questions)
    except click.Abort:
        raise KeyboardInterrupt from None


def _prompted(questions: Sequence[Question]) -> Mapping[str, str]:
    return {
        question.name: click.prompt(f"{question.text}?", type=click.Choice(question.choices)) for question in questions
    }
