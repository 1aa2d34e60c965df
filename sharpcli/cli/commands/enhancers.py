"""`sharpcli enhancers`: list the installed enhancers."""

from __future__ import annotations

import json

import click

from sharpcli.cli.stdout import Command, echo
from sharpcli.files.names import shown
from sharpcli.plugin.catalog import Entry, Weights, catalog
from sharpcli.plugin.enhancer import Option


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, including the scores in the cards.")
def command(as_json: bool) -> None:
    """List the installed enhancers with their options and weights."""
    installed = catalog()
    if as_json:
        echo(json.dumps(installed.as_dict(), indent=2))
        return
    for entry in installed.enhancers:
        echo(f"{entry.name}: {entry.summary}")
        echo(f"    package  {entry.origin}")
        echo(f"    licence  {shown(entry.licence or 'not stated')}")
        echo(f"    input    {entry.color}, {entry.dtype}, {_radius(entry)}")
        for declared in entry.options:
            echo(f"    option   {_option(declared)}")
        for file in entry.weights:
            echo(f"    weights  {_weights(file)}")
            for problem in file.problems:
                echo(f"    problem  {shown(file.name)}: {shown(problem)}")
        for problem in entry.problems:
            echo(f"    problem  {shown(problem)}")


def _radius(entry: Entry) -> str:
    return (
        "needs the whole image"
        if entry.receptive_radius is None
        else f"receptive radius {entry.receptive_radius} pixels"
    )


def _option(declared: Option) -> str:
    return f"{declared.name}={declared.default} ({declared.expected()}): {declared.help}"


def _weights(file: Weights) -> str:
    size = "MISSING" if file.bytes is None else f"{file.bytes / 1e6:.2f} MB"
    known = f", sha256 {shown(file.card.sha256[:12])}" if file.card.sha256 else ""
    return f"{shown(file.name)} ({size}{known})"
