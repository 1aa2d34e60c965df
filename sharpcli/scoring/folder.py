"""Scores many pairs, several at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sharpcli.errors import ImageError
from sharpcli.pipeline.budget import DEFAULT, Ceiling, ceiling
from sharpcli.plugin.metric import Metric
from sharpcli.scoring.files import score_files
from sharpcli.scoring.metrics import STANDARD
from sharpcli.scoring.pairs import Pair
from sharpcli.scoring.score import Score


def score_all(
    pairs: Iterable[Pair],
    convention: str,
    workers: int,
    metrics: Sequence[Metric] = STANDARD,
    memory: int = DEFAULT,
) -> Generator[Score | ImageError, None, None]:
    """What became of each pair, in their order: its score, or the error that names its file.

    All that are in work share `memory` bytes, and wait for one another.

    Close it to stop early, which is done at once: the pairs that wait are left, those in work end in the background.
    """
    flying: deque[Future[Score | ImageError]] = deque()
    # Threads, since decoders and filters let go of Python's lock.
    space = ceiling(memory, workers)
    pool = ThreadPoolExecutor(workers)
    try:
        for pair in pairs:
            flying.append(pool.submit(_outcome, pair, convention, metrics, space))
            # A few more than are in work: a folder of any length then needs no more memory than a short one.
            if len(flying) >= 2 * workers:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        # Not waited for: the page closes this where all its visitors would have to wait with it.
        pool.shutdown(wait=False, cancel_futures=True)


def _outcome(pair: Pair, convention: str, metrics: Sequence[Metric], space: Ceiling) -> Score | ImageError:
    try:
        return score_files(*pair, convention, metrics, space)
    except ImageError as error:
        return error
    except MemoryError:
        return ImageError(f"{pair[1]}: not enough memory; use fewer --workers")
    # A mistake of ours must not cost the user the rest of the folder; it is named as such.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return ImageError(f"{pair[1]}: internal error, please report it ({reason})")
