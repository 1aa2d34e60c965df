"""Lines on standard error, in which no name does harm."""

from __future__ import annotations

import click

from sharpcli.files.names import shown


def say(line: str) -> None:
    """Print one line: no name in it can begin another or tell a terminal to do anything."""
    click.echo(shown(line), err=True)


def harmless(error: click.ClickException) -> click.ClickException:
    """The same error, whose message names what a user typed, fit to be printed."""
    error.message = shown(error.message)
    return error
