"""What a cluster's workers run: whether they are fit for a batch, and the work on one image."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from sharpcli.batch.job import Job, Outcome, do
from sharpcli.batch.plan import Item
from sharpcli.errors import SharpError
from sharpcli.files.remote import is_remote
from sharpcli.pipeline.guard import weight_files
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.version import __version__

TOPIC = "sharpcli"
"""Under which workers tell that a task has begun."""


class UnfitError(SharpError):
    """A worker that joined after the check must not take part."""


@dataclass(frozen=True)
class Expected:
    """A batch, and what each worker must have to take part in it; batches of one `token` are one."""

    token: str
    job: Job = field(compare=False)
    sources: tuple[Path, ...] = field(compare=False)
    folders: tuple[Path, ...] = field(compare=False)
    version: str = field(compare=False)
    weights: tuple[tuple[str, str], ...] = field(compare=False)


def problem(expected: Expected, probes: Mapping[Path, bytes]) -> str:
    """What this worker lacks, in words that follow its name, or nothing; `probes` are files and their content."""
    if __version__ != expected.version:
        return f"has sharpcli {__version__}, not {expected.version}; install the same version there"
    own = dict(weights(expected.job.enhancer))
    for name, digest in expected.weights:
        if digest != own.get(name):
            has = "different weights named" if own.get(name) else "no weights"
            return f"has {has} {name}; install the same package there"
    # A folder of an object store is not there before there is something in it.
    for path in (*expected.sources, *(folder for folder in expected.folders if not is_remote(folder))):
        if not is_seen(path):
            return f"does not see {path}; {_remedy(path)}"
    for path, content in probes.items():
        if not is_seen(path) or path.read_bytes() != content:
            return f"has a different {path.parent} than this machine; {_remedy(path.parent)}"
    return ""


def weights(enhancer: Enhancer | None) -> tuple[tuple[str, str], ...]:
    """The names and SHA-256 of what an enhancer loads on this machine; an empty one where the file is missing."""
    files: Iterable[Path] = weight_files(enhancer) if enhancer else ()
    return tuple((p.name, hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "") for p in files)


def do_here(expected: Expected, item: Item, key: str) -> Outcome:
    """Do one image on this worker, within one ceiling for all its threads; raises UnfitError.

    A worker that joined after the check, or was started again, is checked at its first image.
    """
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(TOPIC, key)
    if wrong := _problem_once(expected):
        raise UnfitError(f"worker {worker.address}, which joined later, {wrong}; or stop it")
    return do(item, replace(expected.job, workers=worker.state.nthreads))


@lru_cache(maxsize=4)
def _problem_once(expected: Expected) -> str:
    return problem(expected, {})


def is_seen(path: Path) -> bool:
    """Whether something is there and can be reached from here."""
    try:
        return path.exists()
    except Exception:  # each protocol has its own way to say that it cannot be reached
        return False


def _remedy(path: Path) -> str:
    return "it must be the same location there" if is_remote(path) else "mount it there under the same path"
