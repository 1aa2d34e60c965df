"""The `sharpcli` group: commands loaded when used, plugins' commands added, errors turned into one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from sharpcli.errors import SharpError
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import of_file
from sharpcli.version import __version__

# The one-line helps stand here so that `--help` needs to import none of the commands.
COMMANDS = {
    "enhance": "Sharpen images and folders of images.",
    "compare": "Show enhancers side by side on one image.",
    "score": "Score images against their originals.",
    "bench": "Measure how fast enhancers are here, with and without files.",
    "degrade": "Make blurry images from sharp ones, to test with.",
    "demo": "Open a page in the browser that does all of this by hand.",
    "new": "Write a plugin's package to begin with.",
    "check": "Check that an enhancer keeps its contract, and say where it does not.",
    "enhancers": "List what is installed, with options, weights and origin.",
    "metrics": "List what `score` can measure.",
}


class UsageFailure(click.ClickException):
    """One line on stderr and exit code 2."""

    exit_code = 2


@contextmanager
def _edge() -> Iterator[None]:
    """The one place where a SharpError becomes a line and exit code 2, and Ctrl-C exit code 130."""
    try:
        yield
    except SharpError as error:
        raise UsageFailure(str(error)) from error
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None


def _load_files(ctx: click.Context, parameter: click.Parameter, files: tuple[Path, ...]) -> None:
    """Add loose files to the registry, and say which of them do not work."""
    for file in files:
        load_registry().add(of_file(file))
    if files and ctx.parent:
        _warn(ctx)


def _warn(ctx: click.Context) -> None:
    """Tell what is wrong with plugins, each thing once."""
    registry = load_registry()
    lines = [*registry.notes, *map(str, registry.broken)]
    warned = ctx.find_root().meta.setdefault("sharpcli.warnings", set())
    for line in dict.fromkeys(lines):
        if line not in warned:
            warned.add(line)
            click.echo(f"warning: {line}", err=True)


def _plugin_option() -> click.Option:
    return click.Option(
        ["--plugin"],
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE.py",
        help="Load a plugin from this file too; repeatable.",
        is_eager=True,
        expose_value=False,
        callback=_load_files,
    )


class Root(click.Group):
    """Loads a built-in command when it is used; errors end at its edge."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The built-in command of that name, else a plugin's; each takes `--plugin` too, wherever a user writes it."""
        command: click.Command | None
        if cmd_name in COMMANDS:
            command = import_module(f"sharpcli.cli.commands.{cmd_name}").command
        else:
            self._add_plugins()
            command = super().get_command(ctx, cmd_name)
        if command and not any("--plugin" in parameter.opts for parameter in command.params):
            command.params.append(_plugin_option())
        return command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Built-in names first, then the plugins'."""
        self._add_plugins()
        return [*COMMANDS, *super().list_commands(ctx)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing the built-in ones."""
        names = self.list_commands(ctx)
        rows = [(name, COMMANDS.get(name) or self.commands[name].get_short_help_str(80)) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line; `--help` asks the plugins for their commands on the way."""
        with _edge():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _edge():
            return super().invoke(ctx)

    def _add_plugins(self) -> None:
        if not self.commands:
            load_registry().add_commands(self)


@click.group(cls=Root, params=[_plugin_option()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sharpcli")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Give blurry, low-resolution images their sharpness back."""
    _warn(ctx)
