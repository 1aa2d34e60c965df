"""A cluster of dask.distributed as an executor: its workers checked before, the losses of some of them survived."""

from __future__ import annotations

import logging
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sharpcli
from sharpcli.errors import SharpError
from sharpcli.on_worker import TOPIC, Expected, UnfitError, do_here, is_seen, problem, weights
from sharpcli.planning import Item
from sharpcli.whole_files import passing_file
from sharpcli.work import Job, Outcome

if TYPE_CHECKING:
    import distributed

PATIENCE = 8
"""Seconds to wait for a scheduler, at the start and when it does not answer any more."""

TRIES = 3
"""How often a picture is handed out that no worker has begun with before it was lost with it."""


@contextmanager
def cluster(address: str, job: Job, items: Sequence[Item], folders: Sequence[Path]) -> Iterator[tuple[Executor, int]]:
    """An executor for `job` on the workers of the scheduler at HOST:PORT, and how many pictures to hand it at once.

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
            raise SharpError(f"no worker has joined the scheduler at {address}; start one there: dask worker {address}")
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
            with suppress(OSError):  # closed to us, which its pictures say
                probes[stack.enter_context(passing_file(folder.absolute(), token.encode()))] = token.encode()
        expected = Expected(
            token,
            job,
            tuple(filter(is_seen, sources)),  # one that is gone is a failure of its own
            tuple(probe.parent for probe in probes),
            sharpcli.__version__,
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


@dataclass(eq=False)
class _Task:
    item: Item
    ours: Future[Outcome]
    theirs: distributed.Future[Outcome] | None = None
    tries: int = 0


class Workers(Executor):
    """Hands pictures to a cluster's workers; what a lost worker had in hand is done by another."""

    def __init__(self, client: distributed.Client, expected: Expected, address: str) -> None:
        self._client, self._expected, self._address = client, expected, address
        self._flying: dict[str, _Task] = {}
        self._lock, self._over = threading.RLock(), threading.Event()
        self._unfit: UnfitError | None = None
        client.subscribe_topic(TOPIC, self._begun)
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """`fn` must be `do`, and `args` an item and the job; raises SharpError when the cluster is of no use any more.

        The future can be cancelled until a worker has begun with it.
        """
        if self._unfit:
            raise self._unfit
        if self._lost():
            raise SharpError(f"the scheduler at {self._address} is lost; the same command goes on when it is back")
        task = _Task(args[0], Future())
        task.ours.add_done_callback(lambda ours: self._take_back(task) if ours.cancelled() else None)
        self._send(task)
        return task.ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster to others: take back what is not done yet."""
        self._over.set()
        for task in list(self._flying.values()):
            task.ours.cancel()
            self._take_back(task)
        if not self._lost():
            self._client.unsubscribe_topic(TOPIC)

    def _send(self, task: _Task) -> None:
        # Workers have a current folder of their own.
        there = replace(task.item, source=task.item.source.absolute(), target=task.item.target.absolute())
        key, task.tries = f"sharpcli-{uuid.uuid4().hex}", task.tries + 1
        self._flying[key] = task
        task.theirs = self._client.submit(do_here, self._expected, there, key, key=key, pure=False)
        task.theirs.add_done_callback(lambda theirs: self._ended(key, task, theirs))

    def _take_back(self, task: _Task) -> None:
        if task.theirs and not self._lost():
            task.theirs.cancel()

    def _lost(self) -> bool:
        comm = self._client.scheduler_comm
        return self._client.status != "running" or comm is None or comm.closed()

    def _watch(self) -> None:
        """End what nobody will end any more; a client whose scheduler says goodbye would wait for ever."""
        while not self._over.wait(1):
            if self._lost():
                for task in list(self._flying.values()):
                    self._settle(task, SharpError(f"the scheduler at {self._address} was lost meanwhile"))

    def _begun(self, event: tuple[float, str]) -> None:
        task = self._flying.get(event[1])
        if task:
            self._goes_on(task.ours)

    def _goes_on(self, ours: Future[Outcome]) -> bool:
        """Whether a future still waits for its result; it cannot be cancelled from now on."""
        with self._lock:  # a task that is done again begins twice
            return not ours.done() and (ours.running() or ours.set_running_or_notify_cancel())

    def _settle(self, task: _Task, result: Outcome | Exception) -> None:
        with self._lock:
            if self._goes_on(task.ours):
                if isinstance(result, Exception):
                    task.ours.set_exception(result)
                else:
                    task.ours.set_result(result)

    def _ended(self, key: str, task: _Task, theirs: distributed.Future[Outcome]) -> None:
        from distributed import KilledWorker

        begun = task.ours.running()
        try:
            if theirs.cancelled():
                raise SharpError(f"the scheduler at {self._address} was lost meanwhile")
            self._settle(task, replace(theirs.result(timeout=60), item=task.item))
        except KilledWorker as error:
            if not begun and task.tries < TRIES:
                self._send(task)  # it only waited where another picture ended the workers
            else:
                last = getattr(error.last_worker, "address", "")
                why = f"ended worker after worker, at last {last}; do they have more memory than --memory?"
                self._settle(task, SharpError(why))
        except Exception as error:
            self._unfit = error if isinstance(error, UnfitError) else self._unfit
            self._settle(task, error)
        self._flying.pop(key, None)


@contextmanager
def _connected(distributed: Any, address: str) -> Iterator[distributed.Client]:
    try:
        with warnings.catch_warnings():
            # Versions that matter are checked, and reported in one line.
            warnings.simplefilter("ignore")
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise SharpError(f"no scheduler answers at {address}; start one there with dask scheduler") from error
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
