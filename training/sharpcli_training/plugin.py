"""Adds `sharpcli train`; torch is imported only once a training command runs."""

from __future__ import annotations

import click

from sharpcli.hookspecs import hookimpl


@hookimpl
def commands(group: click.Group) -> None:
    """`sharpcli train`."""
    from sharpcli_training.commands import train

    group.add_command(train)
