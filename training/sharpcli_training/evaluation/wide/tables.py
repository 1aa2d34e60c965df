"""Writes the wide grid as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sharpcli_training.evaluation.evaluate import Figures
from sharpcli_training.evaluation.tables import markdown
from sharpcli_training.evaluation.wide.classics import FIXED, ITERATIONS, UNSHARP, USUAL_ITERATIONS, USUAL_RL
from sharpcli_training.evaluation.wide.figures import MOST_DB, SHARPNESS, CellFigures, recovered
from sharpcli_training.evaluation.wide.measure import WidePlan
from sharpcli_training.evaluation.wide.references import SIDE, described

GAIN = f"PSNR of the input in dB, and the gain over it. An image that came back untouched counts as {MOST_DB:g} dB."
TOLD = """*Found*: nothing is said about the image. *Told*: kind, size, light and noise are given as options, where
there is something to give."""
CLASSICS = f"""*Unsharp*: an unsharp mask of radius 1 and 60 %; *best unsharp*: the best of {len(UNSHARP)} settings in
each row. *RL*: Richardson-Lucy with a Gaussian of {USUAL_RL.size:g} px and {USUAL_ITERATIONS} iterations; *best RL*:
with the kernel that really blurred, and the best of {len(ITERATIONS)} numbers of iterations in each row. The best are
chosen in hindsight, by the references."""
MORE = """SSIM / MS-SSIM of the input, and the gain over it / *sharpness recovered*: the share of luma's mean gradient
that was lost and came back; for the input, the share that is left. 0 % is as soft as the input, 100 % as crisp as the
reference, and more is over-sharpened: halos, or noise, which has gradients too."""
STRUCTURE = ("ssim", "ms-ssim")


def wide_text(plan: WidePlan, table: Sequence[CellFigures]) -> str:
    """Data, what the columns mean, and the tables; the second one only where MS-SSIM was measured."""
    data = " and ".join(map(described, plan.folders))
    notes = [GAIN, *([TOLD] if plan.told else []), *([CLASSICS] if plan.classics else [])]
    parts = [
        f"Data: {data}, cut to {SIDE} pixels and degraded as by `sharpcli degrade`.",
        "\n".join(notes),
        gains_markdown(table),
    ]
    if set(STRUCTURE) <= table[0].input.keys():
        parts += [MORE, more_markdown(table)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def gains_markdown(table: Sequence[CellFigures]) -> str:
    """The input's PSNR, and what each method gains."""
    lines = []
    for cell in table:
        results = [result for _, result in _columns(cell)]
        lines.append([cell.name, f"{cell.input['psnr']:.2f}", *(_gain(cell, result, "psnr", 2) for result in results)])
    return markdown(["degradation", "input", *(title for title, _ in _columns(table[0]))], lines)


def more_markdown(table: Sequence[CellFigures]) -> str:
    """The other figures of what enhancers found by themselves and of the classics with one setting."""
    lines = []
    for cell in table:
        left = cell.input[SHARPNESS] / cell.reference[SHARPNESS]
        before = [*(f"{cell.input[metric]:.4f}" for metric in STRUCTURE), f"{100 * left:.0f} %"]
        results = [_more(cell, result) for result in _unaided(cell).values()]
        lines.append([cell.name, " / ".join(before), *results])
    return markdown(["degradation", "input", *_unaided(table[0])], lines)


def _columns(cell: CellFigures) -> Iterator[tuple[str, Figures | None]]:
    for row, result in cell.found.items():
        yield _found(row.label, row in cell.told), result
        if row in cell.told:
            yield f"{row.label} told", cell.told[row]
    yield from cell.classics.items()


def _unaided(cell: CellFigures) -> dict[str, Figures | None]:
    found = {_found(row.label, row in cell.told): result for row, result in cell.found.items()}
    return {**found, **{name: cell.classics[name] for name in FIXED if name in cell.classics}}


def _found(label: str, also_told: bool) -> str:
    """A title that tells what was found from what was told, where there are both."""
    return f"{label} found" if also_told else label


def _gain(cell: CellFigures, result: Figures | None, metric: str, places: int) -> str:
    return f"{result[metric] - cell.input[metric]:+z.{places}f}" if result else ""


def _more(cell: CellFigures, result: Figures | None) -> str:
    share = recovered(cell, result)
    gains = [_gain(cell, result, metric, 4) for metric in STRUCTURE]
    return " / ".join([*gains, "-" if share is None else f"{100 * share:z.0f} %"])
