"""No option that takes a number takes one that is none, whichever command has it."""

import click
import pytest

from sharpcli.cli.main import main
from sharpcli.errors import SharpError

NONE = ["nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1e999", "nan(1)"]


def commands(group, context):
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = click.Context(command, info_name=name, parent=context)
        yield inner
        if isinstance(command, click.Group):
            yield from commands(command, inner)


def numbers():
    """Every option that makes a number of "2"."""
    root = click.Context(main, info_name="sharpcli")
    for context in commands(main, root):
        for parameter in context.command.params:
            try:
                values = parameter.process_value(context, ("2",) if parameter.multiple or parameter.nargs != 1 else "2")
            except (click.UsageError, SharpError):
                continue
            if isinstance(values, int | float) and not isinstance(values, bool):
                yield pytest.param(context, parameter, id=f"{context.command_path} {parameter.name}")


@pytest.mark.parametrize("text", NONE)
@pytest.mark.parametrize(("context", "parameter"), list(numbers()))
def test_what_is_no_number_is_refused_in_words(context, parameter, text):
    with pytest.raises((click.UsageError, SharpError), match="not"):
        parameter.process_value(context, text)


def test_the_options_are_found():
    found = {parameter.id for parameter in numbers()}
    known = (
        "enhance upscale",
        "enhance strength",
        "degrade scale",
        "degrade noise",
        "compare strength",
        "bench upscale",
    )
    assert {f"sharpcli {name}" for name in (*known, "demo max_megapixels", "enhance workers")} <= found


@pytest.mark.parametrize("text", ["nan", "inf", "9" * 400])
@pytest.mark.parametrize(
    "arguments",
    [
        ["enhance", "{image}", "--memory", "{text}"],
        ["enhance", "{image}", "--memory", "{text}GB"],
        ["enhance", "{image}", "--upscale", "{text}"],
        ["enhance", "{image}", "--quality", "{text}"],
        ["enhance", "{image}", "-e", "student", "-O", "noise={text}"],
        ["compare", "{image}", "-o", "{image}.sheet.png", "--at", "{text},{text}x"],
        ["compare", "{image}", "-o", "{image}.sheet.png", "--size", "{text}"],
        ["compare", "{image}", "-o", "{image}.sheet.png", "-e", "student:noise={text}"],
        ["bench", "--size", "{text}x{text}"],
        ["bench", "-e", "student:blur={text}"],
        ["degrade", "{image}", "--blur", "gaussian:{text}"],
        ["degrade", "{image}", "--blur", "motion:5,{text}"],
        ["degrade", "{image}", "--seed", "{text}.0"],
        ["demo", "--port", "{text}"],
    ],
    ids=" ".join,
)
def test_numbers_within_a_text_are_refused_likewise(sharpcli, folder, arguments, text):
    done = sharpcli(*(argument.format(image=folder / "a.png", text=text) for argument in arguments))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("Error: ")
