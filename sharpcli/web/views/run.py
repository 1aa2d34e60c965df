"""How a run is shown: about how long it takes, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.tasks.runs import Run


def stopped() -> str:
    """What is said of a run that was stopped."""
    return say("Stopped.")


def estimate(seconds: float) -> str:
    """What is said before a run starts."""
    return say("About {time} for this photo.", time=roughly(seconds))


def beside(enhancer: str, seconds: float) -> str:
    """What is said of another enhancer, which would take less."""
    return say("{enhancer}: about {time}.", enhancer=enhancer, time=roughly(seconds))


def status(run: Run, first: str) -> str:
    """How long a run will take from now, or what was said first while that is not known."""
    if run.waiting:
        return say("Waiting until there is room for this image: others are being worked on.")
    left = run.left()
    return first if left is None else say("About {time} left.", time=roughly(left))


def bar(share: float | None) -> str:
    """How much is done (0-1; None is not known), as HTML."""
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress aria-label="{say("Progress")}" max="1"{value} style="width: 100%"></progress>'


def roughly(seconds: float) -> str:
    """A time as roughly as it is known."""
    if seconds >= 100:
        return say("{minutes} min", minutes=f"{seconds / 60:.0f}")
    return say("{seconds} s", seconds=10 * round(seconds / 10) if seconds >= 20 else max(1, round(seconds)))
