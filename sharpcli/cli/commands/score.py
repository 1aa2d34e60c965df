"""`sharpcli score`: results against their originals."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from sharpcli.cli.convention import convention_option
from sharpcli.cli.options import WORKERS
from sharpcli.cli.output import print_table
from sharpcli.cli.progress import progress_bar
from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.files.names import shown
from sharpcli.scoring import score as scoring
from sharpcli.scoring.figures import remark
from sharpcli.scoring.folder import score_all
from sharpcli.scoring.pairs import NO_RESULT, pair_folders
from sharpcli.scoring.tables import as_csv, as_json

REPORT_FORMATS = {".csv": as_csv, ".json": as_json}


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.option(
    "--input", "baseline", type=click.Path(path_type=Path), help="The images before enhancing, to show the gain."
)
@convention_option
@click.option(
    "-m", "--metric", "names", multiple=True, help="One of `sharpcli metrics`; repeatable.  [default: psnr, ssim]"
)
@click.option("--report", type=click.Path(path_type=Path), help="Write the table to this .csv or .json file too.")
@click.option("--workers", type=click.IntRange(1), default=WORKERS, show_default=True, help="Images at a time.")
def command(
    result: Path,
    reference: Path,
    baseline: Path | None,
    convention: str,
    names: tuple[str, ...],
    report: Path | None,
    workers: int,
) -> None:
    """Score images against their originals.

    RESULT and REFERENCE are two folders or two files. Files pair by their path without its ending. "y" (or "papers")
    compares BT.601 luma with a cropped border, as super-resolution papers do; figures of different conventions cannot
    be compared. A gain is the result's figure less the input's: above 0 where higher is better.
    """
    if report is not None and report.suffix not in REPORT_FORMATS:
        raise SharpError(f"--report must end in {' or '.join(REPORT_FORMATS)}, not {report.suffix or report.name!r}")
    metrics = scoring.chosen_metrics(names)
    pairs, alone = pair_folders(result, reference, baseline)
    scores, failures = [], [f"{stem}: {NO_RESULT}" for stem in alone]
    # Closed here, or after Ctrl-C the pairs that wait would still be scored.
    with progress_bar() as bar, closing(score_all(pairs, convention, workers, metrics)) as outcomes:
        for outcome in bar.track(outcomes, total=len(pairs), description="scoring"):
            if isinstance(outcome, scoring.Score):
                scores.append(outcome)
            else:
                failures.append(str(outcome))
    for failure in failures:
        click.echo(f"not scored: {failure}", err=True)
    if not scores:
        click.echo("nothing could be scored")
        raise click.exceptions.Exit(1)
    total = scoring.mean(scores)
    print_table([*(score.row() for score in scores), total.row()])
    click.echo(f"{len(scores)} scored, convention {scoring.CONVENTIONS[convention]}")
    for line in filter(None, (remark(metric.name) for metric in metrics)):
        click.echo(line)
    if report is not None:
        try:
            with whole_file(report) as file:
                file.write(REPORT_FORMATS[report.suffix](scores, convention).encode())
        except OSError as error:
            raise SharpError(f"report {shown(report)} cannot be written ({error.strerror or error})") from error
    if failures:
        raise click.exceptions.Exit(1)
