"""The `sharpcli` command group: loads commands on first use, adds those of plugins, prints errors as one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from sharpcli.cli.process import INTERRUPTED, program
from sharpcli.cli.stderr import make_harmless, say
from sharpcli.cli.stdout import for_us_alone, hand_back
from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import of_file
from sharpcli.version import __version__

# The short help texts are here so that `--help` does not import the commands.
COMMANDS = {
    "enhance": "Sharpen images, video clips and folders of them.",
    "camera": "Sharpen a camera or a stream while it runs, for video calls.",
    "compare": "Compare enhancers side by side on one image or on frames of a clip.",
    "score": "Score results against reference images or clips.",
    "bench": "Measure the speed of enhancers on this machine.",
    "degrade": "Make blurry test images from sharp ones.",
    "demo": "Open the web interface in a browser.",
    "serve": "Answer programs over HTTP, without a page.",
    "new": "Create a plugin package.",
    "check": "Check that an enhancer meets its contract.",
    "enhancers": "List the installed enhancers with their options and weights.",
    "metrics": "List the metrics that `score` supports.",
}


class UsageFailure(click.ClickException):
    """One line on stderr and exit code 2."""

    exit_code = 2


@contextmanager
def _edge() -> Iterator[None]:
    """Turn SharpError into one line and exit code 2, and Ctrl-C into exit code 130; nothing else does."""
    try:
        yield
    except SharpError as error:
        raise UsageFailure(shown(str(error))) from error
    except click.exceptions.NoArgsIsHelpError:  # whose message is the help
        raise
    except click.ClickException as error:
        make_harmless(error)
        raise
    except KeyboardInterrupt:
        raise click.exceptions.Exit(INTERRUPTED) from None


def _load_files(ctx: click.Context, parameter: click.Parameter, files: tuple[Path, ...]) -> None:
    """Add plugin files to the registry, and warn about those that cannot be loaded."""
    with for_us_alone():
        for file in files:
            load_registry().add(of_file(file))
    if files and ctx.parent:
        _warn(ctx)


def _warn(ctx: click.Context) -> None:
    """Print each warning about plugins once."""
    if ctx.resilient_parsing:  # a shell that completes a word
        return
    with for_us_alone():
        registry = load_registry()
    lines = [*registry.notes, *map(str, registry.broken)]
    warned = ctx.find_root().meta.setdefault("sharpcli.warnings", set())
    for line in dict.fromkeys(lines):
        if line not in warned:
            warned.add(line)
            say(f"warning: {line}")


def _plugin_option() -> click.Option:
    return click.Option(
        ["--plugin"],
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE.py",
        help="Also load plugins from this file. Can be repeated.",
        is_eager=True,
        expose_value=False,
        callback=_load_files,
    )


def _accept_plugins(command: click.Command) -> None:
    """Give a command, and those of a group, the option `--plugin`."""
    if not any("--plugin" in parameter.opts for parameter in command.params):
        command.params.append(_plugin_option())
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _accept_plugins(inner)


class Root(click.Group):
    """Imports a built-in command on first use and reports its errors."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run as this process's program."""
        with program():
            return super().__call__(*args, **kwargs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The built-in or else the plugin's command of that name; all accept `--plugin` after their name too."""
        command: click.Command | None
        if cmd_name in COMMANDS:
            command = import_module(f"sharpcli.cli.commands.{cmd_name}").command
        else:
            self._add_plugins(ctx)
            command = super().get_command(ctx, cmd_name)
            if command:
                hand_back()
        if command:
            _accept_plugins(command)
        return command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Built-in names first, then the plugins'."""
        self._add_plugins(ctx)
        return [*COMMANDS, *super().list_commands(ctx)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing the built-in ones."""
        names = self.list_commands(ctx)
        rows = [(name, COMMANDS.get(name) or self.commands[name].get_short_help_str(80)) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line; `--help` loads the plugins to list their commands."""
        with _edge():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _edge():
            return super().invoke(ctx)

    def _add_plugins(self, ctx: click.Context) -> None:
        """Let plugins add their commands, and name those that fail: one may have had what was asked for."""
        if not self.commands:
            with for_us_alone():
                load_registry().add_commands(self)
        _warn(ctx)


@click.group(cls=Root, params=[_plugin_option()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sharpcli")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Restore detail to blurry or low-resolution images on an ordinary CPU, and measure the improvement."""
    _warn(ctx)
