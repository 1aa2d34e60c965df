"""Adds `sharpcli train`; torch is imported only once a training command runs."""

from __future__ import annotations

import click

from sharpcli.plugin.hooks import hookimpl


@hookimpl
def commands(group: click.Group) -> None:
    """`sharpcli train`."""
    from sharpcli_training.cli.train import train

    group.add_command(train)
