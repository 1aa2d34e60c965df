"""`sharpcli score`: score results against reference images."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from sharpcli.cli.convention import convention_option
from sharpcli.cli.options import memory_option, workers_option
from sharpcli.cli.output import print_table
from sharpcli.cli.progress import progress_bar
from sharpcli.cli.stderr import say
from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.files.names import shown
from sharpcli.scoring import score as scoring
from sharpcli.scoring.figures import remark
from sharpcli.scoring.folder import score_all
from sharpcli.scoring.pairs import NO_RESULT, pair_folders
from sharpcli.scoring.tables import as_csv, as_json, table
from sharpcli.scoring.worst import worst_seconds

REPORT_FORMATS = {".csv": as_csv, ".json": as_json}


@click.command(cls=Command)
@click.argument("result", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.option(
    "--input",
    "baseline",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Input file or folder before enhancing, as the baseline; adds the gain.",
)
@convention_option
@click.option(
    "-m",
    "--metric",
    "names",
    metavar="NAME",
    multiple=True,
    help="Metric to compute; see `sharpcli metrics`. Can be repeated.  [default: psnr, ssim]",
)
@click.option(
    "--report", metavar="FILE", type=click.Path(path_type=Path), help="Also write the table to a .csv or .json file."
)
@workers_option("pairs")
@memory_option
def command(
    result: Path,
    reference: Path,
    baseline: Path | None,
    convention: str,
    names: tuple[str, ...],
    report: Path | None,
    workers: int,
    memory: int,
) -> None:
    """Score results against reference images or clips.

    RESULT and REFERENCE are two files or two folders. Files in folders are paired by relative path without the
    extension, frames of clips by their times. Convention "y" (alias "papers") compares BT.601 luma with a cropped
    border, as super-resolution papers do. Scores from different conventions are not comparable. The gain is the score
    of the result minus that of the input.
    """
    if report is not None and report.suffix not in REPORT_FORMATS:
        raise SharpError(f"--report must end in {' or '.join(REPORT_FORMATS)}, not {report.suffix or report.name!r}")
    metrics = scoring.chosen_metrics(names)
    pairs, alone = pair_folders(result, reference, baseline)
    scores, failures = [], [f"{stem}: {NO_RESULT}" for stem in alone]
    # Closed here, since after Ctrl-C the waiting pairs would otherwise still be scored.
    with progress_bar() as bar, closing(score_all(pairs, convention, workers, metrics, memory)) as outcomes:
        for outcome in bar.track(outcomes, total=len(pairs), description="scoring"):
            if isinstance(outcome, scoring.Score):
                scores.append(outcome)
            else:
                failures.append(str(outcome))
    for note in dict.fromkeys(note for score in scores for note in score.notes):
        say(f"note: {note}")
    for failure in failures:
        say(f"failed: {failure}")
    if not scores:
        echo("no pair could be scored")
        raise click.exceptions.Exit(1)
    print_table(table(scores))
    _print_seconds(scores)
    echo(f"{len(scores)} scored, convention {scoring.CONVENTIONS[convention]}")
    for name in dict.fromkeys(name for score in scores for name in score.result):
        if line := remark(name):
            echo(line)
    if report is not None:
        try:
            with whole_file(report) as file:
                file.write(REPORT_FORMATS[report.suffix](scores, convention).encode())
        except OSError as error:
            raise SharpError(f"report {shown(report)} cannot be written ({error.strerror or error})") from error
    if failures:
        raise click.exceptions.Exit(1)


def _print_seconds(scores: Sequence[scoring.Score]) -> None:
    """The seconds of clips that are worth a look."""
    found = worst_seconds(scores)
    columns = dict.fromkeys(column for _, _, second in found for column in second.row())
    if found:
        echo()
        print_table(
            [
                {
                    "worst seconds": clip.name,
                    "at": second.name,
                    "by": by,
                    **{column: second.row().get(column) for column in columns if column != "image"},
                }
                for by, clip, second in found
            ]
        )
        echo()
