"""How a run is shown: about how long it takes, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharpcli.web.tasks.runs import Run

STOPPED = "Stopped."
WAITING = "Waiting until there is room for this image: others are being worked on."


def about(seconds: float) -> str:
    """A time as roughly as it is known."""
    if seconds >= 100:
        return f"about {seconds / 60:.0f} min"
    return f"about {10 * round(seconds / 10) if seconds >= 20 else max(1, round(seconds))} s"


def estimate(seconds: float) -> str:
    """What is said before a run starts."""
    return f"{_capital(about(seconds))} for this photo."


def status(run: Run, first: str) -> str:
    """How long a run will take from now, or what was said first while that is not known."""
    if run.waiting:
        return WAITING
    left = run.left()
    return first if left is None else f"{_capital(about(left))} left."


def bar(share: float | None) -> str:
    """How much is done (0-1; None is not known), as HTML."""
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress aria-label="Progress" max="1"{value} style="width: 100%"></progress>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
