"""`sharpcli enhancers`: what is installed."""

from __future__ import annotations

import json

import click

from sharpcli.enhancer import Enhancer, Option
from sharpcli.registry import load_registry


@click.command()
def command() -> None:
    """List what is installed, with options, weights and origin."""
    for name, found in sorted(load_registry().found.items()):
        cls = found.enhancer
        click.echo(f"{name}: {cls.summary}")
        click.echo(f"    from     {found.origin}")
        click.echo(f"    takes    {cls.colour}, {cls.dtype}, {_reach(cls)}")
        for declared in cls.options():
            click.echo(f"    option   {_option(declared)}")
        for path in cls.weights():
            card = path.with_suffix(".json")
            size = f"{path.stat().st_size / 1e6:.2f} MB" if path.is_file() else "MISSING"
            known = f", sha256 {json.loads(card.read_text())['sha256'][:12]}" if card.is_file() else ""
            click.echo(f"    weights  {path.name} ({size}{known})")


def _reach(cls: type[Enhancer]) -> str:
    return "needs the whole picture" if cls.reach is None else f"reach {cls.reach} pixels"


def _option(declared: Option) -> str:
    return f"{declared.name}={declared.default} ({declared.expected()}): {declared.help}"
