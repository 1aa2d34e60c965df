"""Whether an enhancer can be sent and made ready for a batch, and has all its files."""

from __future__ import annotations

import hashlib
import pickle

from sharpcli.checks.check import Skip, check
from sharpcli.checks.repeatability import SAME
from sharpcli.checks.subject import Failure, Subject, in_levels, levels_apart
from sharpcli.plugin.catalog import weights_of


@check("batch")
def batch(subject: Subject) -> str:
    """for_this_machine(), with_threads() and free_memory() do not change the result."""
    enhancer, pixels = subject.enhancer, subject.image()
    expected = subject.enhanced(pixels).copy()
    for name, other in (
        ("for_this_machine()", enhancer.for_this_machine()),
        ("with_threads(2)", enhancer.with_threads(2)),
    ):
        if (apart := levels_apart(subject.as_by(other).enhanced(pixels), expected)) > SAME:
            raise Failure(f"what {name} returned gives different pixels ({in_levels(apart)})")
    if enhancer.for_this_machine().for_this_machine() != enhancer.for_this_machine():
        raise Failure("for_this_machine() is not idempotent: applied to its own result, it returns another enhancer")
    if missing := [path.name for path in enhancer.weight_files() if not path.is_file()]:
        raise Failure(f"weight_files() names missing files: {', '.join(missing)}")
    enhancer.free_memory()
    if (apart := levels_apart(subject.enhanced(pixels), expected)) > SAME:
        raise Failure(f"after free_memory() it gives different pixels ({in_levels(apart)})")
    return ""


@check("pickle")
def pickled(subject: Subject) -> str:
    """It can be sent to another machine, as a batch on a cluster does."""
    if subject.enhancer.origin and subject.enhancer.origin.file:
        raise Skip("a plugin file, which other machines do not have; only a package can be sent")
    try:
        copy = pickle.loads(pickle.dumps(subject.enhancer))
    except Exception as error:
        raise Failure(
            f"it cannot be pickled ({error}); its class must be at module level and its fields plain data"
        ) from error
    if copy != subject.enhancer:
        raise Failure(f"unpickling gives {copy!r} instead of {subject.enhancer!r}")
    return f"{len(pickle.dumps(copy))} bytes"


@check("weights")
def weights(subject: Subject) -> str:
    """Each weights file exists and has a card that describes it."""
    files, problems = weights_of(type(subject.enhancer))
    if problems:
        raise Failure("; ".join(problems))
    wrong = [f"{file.name}: {problem}" for file in files for problem in file.problems]
    for path, file in zip(type(subject.enhancer).weights(), files, strict=True):
        if path.is_file() and file.card.sha256 != hashlib.sha256(path.read_bytes()).hexdigest():
            wrong.append(f"{file.name}: its card states a different sha256")
    if wrong:
        raise Failure("; ".join(wrong))
    if not files:
        others = [path.name for path in subject.enhancer.weight_files()]
        raise Skip(f"it has none of its own, and uses {', '.join(others)}" if others else "it has none")
    return f"{len(files)} files, {sum(file.bytes or 0 for file in files) / 1e6:.1f} MB"
