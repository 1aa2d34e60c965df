"""Where the images of a batch are done: on this machine's threads, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from sharpcli.batch.job import Job
from sharpcli.batch.plan import BatchPlan
from sharpcli.errors import SharpError

LOCAL = "local"
FEW = 3
"""So many images and folders of a plan are looked for by every worker before anything is done."""


@dataclass(frozen=True)
class Pool:
    """An executor and how many images to hand it at once."""

    executor: Executor
    at_once: int


@contextmanager
def pool(where: str, job: Job, plan: BatchPlan) -> Iterator[Pool]:
    """The pool that `where` names: `local`, or `dask://HOST:PORT`, whose workers must reach what `plan` names.

    Raises SharpError.
    """
    if where == LOCAL:
        # Threads, since decoders, networks and encoders all let go of Python's lock; one more than are at work waits.
        with ThreadPoolExecutor(job.workers) as threads:
            yield Pool(threads, 2 * job.workers)
    elif where.startswith("dask://"):
        from sharpcli.batch.dask.cluster import cluster

        folders = plan.roots or tuple(item.target.parent for item in plan.items[:1])
        with cluster(where.removeprefix("dask://"), job, plan.items[:FEW], folders[:FEW]) as found:
            yield Pool(*found)
    else:
        raise SharpError(f"--executor must be local or dask://HOST:PORT, not {where!r}")
