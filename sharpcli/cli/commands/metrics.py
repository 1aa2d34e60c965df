"""`sharpcli metrics`: what `score` can measure."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from sharpcli.plugin.catalog import MetricEntry, metric_entries
from sharpcli.plugin.registry import load_registry


@click.command()
@click.option("--json", "as_json", is_flag=True, help="All that is known, as JSON.")
def command(as_json: bool) -> None:
    """List what `score` can measure."""
    entries = metric_entries()
    if as_json:
        broken = [asdict(broken) for broken in load_registry().broken]
        click.echo(json.dumps({"metrics": [asdict(entry) for entry in entries], "broken": broken}, indent=2))
        return
    for entry in entries:
        click.echo(f"{entry.name}: {entry.summary}")
        click.echo(f"    from     {entry.origin}")
        click.echo(f"    figure   {_figure(entry)}")
        click.echo(f"    judges   {_judged(entry)}")


def _figure(entry: MetricEntry) -> str:
    better = f"{'higher' if entry.higher_is_better else 'lower'} is better"
    return f"in {entry.unit}, {better}" if entry.unit else better


def _judged(entry: MetricEntry) -> str:
    what = "a result against its reference" if entry.reference else "a result by itself"
    seen = "as RGB, whole" if entry.color == "rgb" else "as the convention has them"
    least = f", of at least {entry.least} x {entry.least} pixels" if entry.least > 1 else ""
    return f"{what}, {seen}{least}"
