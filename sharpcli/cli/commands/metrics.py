"""`sharpcli metrics`: list the metrics that `score` supports."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from sharpcli.cli.stdout import Command, echo
from sharpcli.plugin.catalog import MetricEntry, metric_entries
from sharpcli.plugin.registry import load_registry


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(as_json: bool) -> None:
    """List the metrics that `score` supports."""
    entries = metric_entries()
    if as_json:
        broken = [asdict(broken) for broken in load_registry().broken]
        echo(json.dumps({"metrics": [asdict(entry) for entry in entries], "broken": broken}, indent=2))
        return
    for entry in entries:
        echo(f"{entry.name}: {entry.summary}")
        echo(f"    package  {entry.origin}")
        echo(f"    unit     {_unit(entry)}")
        echo(f"    compares {_compared(entry)}")


def _unit(entry: MetricEntry) -> str:
    better = f"{'higher' if entry.higher_is_better else 'lower'} is better"
    return f"{entry.unit or 'none'}, {better}"


def _compared(entry: MetricEntry) -> str:
    what = "the result with its reference" if entry.reference else "the result alone, without a reference"
    seen = "whole image in RGB" if entry.color == "rgb" else "in the chosen convention"
    least = f"; at least {entry.least} x {entry.least} pixels" if entry.least > 1 else ""
    return f"{what}, {seen}{least}"
