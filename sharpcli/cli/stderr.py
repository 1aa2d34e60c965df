"""Lines on standard error, in which no name does harm."""

from __future__ import annotations

import click

from sharpcli.files.names import shown


def say(line: str) -> None:
    """Print one line: no name in it can begin another or tell a terminal to do anything."""
    click.echo(shown(line), err=True)


def make_harmless(error: click.ClickException) -> None:
    """Make the message of an error fit to be printed: it repeats what a user typed."""
    error.message = shown(error.message)  # type: ignore[misc]  # final, but there is no other way to all kinds of them
