"""A batch on a cluster of dask.distributed: connected, and every worker checked before anything is done."""

from __future__ import annotations

import logging
import socket
import uuid
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.batch.dask.executor import Workers
from sharpcli.batch.dask.worker import Expected, is_seen, problem, weights
from sharpcli.batch.job import Job
from sharpcli.batch.plan import Item
from sharpcli.errors import SharpError
from sharpcli.files.atomic import passing_file
from sharpcli.version import __version__

if TYPE_CHECKING:
    import distributed

PATIENCE = 8
"""Seconds to wait for a scheduler, at the start and when it does not answer any more."""


@contextmanager
def cluster(address: str, job: Job, items: Sequence[Item], folders: Sequence[Path]) -> Iterator[tuple[Executor, int]]:
    """An executor for `job` on the workers of the scheduler at HOST:PORT, and how many images to hand it at once.

    Every worker must have this sharpcli and these weights, see the sources of `items`, and see in `folders`, which
    are made, what this machine writes there. Raises SharpError, naming the worker that does not.
    """
    try:
        import distributed
    except ImportError as error:
        raise SharpError("a cluster needs dask.distributed: pip install 'sharpcli[cluster]'") from error
    with _quiet(), _connected(distributed, address) as client:
        threads = client.nthreads()
        if not threads:
            raise SharpError(f"no worker has joined the scheduler at {address}; start one with: dask worker {address}")
        expected = _checked(client, job, [item.source.absolute() for item in items], folders)
        executor = Workers(client, expected, address)
        try:
            yield executor, 2 * sum(threads.values())
        finally:
            executor.shutdown(wait=False)


def _checked(client: distributed.Client, job: Job, sources: Sequence[Path], folders: Sequence[Path]) -> Expected:
    """What every worker has been found to have; raises SharpError for the first that has not."""
    token = uuid.uuid4().hex
    with ExitStack() as stack:
        probes = {}
        for folder in folders:
            with suppress(OSError):  # closed to us, which its images say
                probes[stack.enter_context(passing_file(folder.absolute(), token.encode()))] = token.encode()
        expected = Expected(
            token,
            job,
            tuple(filter(is_seen, sources)),  # one that is gone is a failure of its own
            tuple(probe.parent for probe in probes),
            __version__,
            weights(job.enhancer),
        )
        answers = client.run(problem, expected, probes, on_error="return")
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, Exception):
            why = " ".join(str(answer).split())
            wanted = f"sharpcli {expected.version} and this enhancer"
            raise SharpError(f"worker {worker} cannot load {wanted} ({why}); install them there") from answer
        if answer:
            raise SharpError(f"worker {worker} {answer}")
    return expected


@contextmanager
def _connected(distributed: Any, address: str) -> Iterator[distributed.Client]:
    try:
        # A client that finds nobody leaves threads behind, on which the next one may wait.
        whole = address if "://" in address else f"tcp://{address}"
        host_and_port = distributed.comm.get_address_host_port(whole, strict=True)
        socket.create_connection(host_and_port, PATIENCE).close()
        with warnings.catch_warnings():
            # Versions that matter are checked, and reported in one line.
            warnings.simplefilter("ignore")
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:  # of many kinds: no such name, nobody there, no TLS, even assertions on a slow machine
        raise SharpError(f"no scheduler is running at {address}; start one with: dask scheduler") from error
    try:
        yield client
    finally:
        with suppress(OSError):  # a scheduler that is gone cannot be taken leave of
            client.close(timeout=PATIENCE)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep distributed's own remarks on lost connections and workers off the terminal."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    loggers = [logging.getLogger(name) for name in ("distributed", *names)]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)
