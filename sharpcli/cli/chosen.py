"""The enhancers that a command is to set side by side."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sharpcli.contenders import Contender, distinct, ready
from sharpcli.names import shown


def chosen(texts: Sequence[str]) -> tuple[Contender, ...]:
    """Those that were asked for, or all that are installed and need no option; says which are left out and why.

    Raises SharpError for what is no enhancer.
    """
    if texts:
        return distinct(map(Contender.parse, texts))
    say_lacking()
    return ready()[0]


def say_lacking() -> None:
    """Say which installed enhancers are left out because they need an option."""
    for line in ready()[1]:
        click.echo(f"left out: {shown(line)}", err=True)
