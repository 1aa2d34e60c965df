"""The executor that hands images to a cluster's workers, and survives the loss of some of them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sharpcli.batch.dask.worker import TOPIC, Expected, UnfitError, do_here
from sharpcli.batch.job import Outcome
from sharpcli.batch.plan import Item
from sharpcli.errors import SharpError

if TYPE_CHECKING:
    import distributed

TRIES = 3
"""How often an image is handed out that no worker has begun with before it was lost with it."""


@dataclass(eq=False)
class _Task:
    item: Item
    ours: Future[Outcome]
    theirs: distributed.Future[Outcome] | None = None
    tries: int = 0


class Workers(Executor):
    """Hands images to a cluster's workers; what a lost worker had in hand is done by another."""

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
            raise self._loss()
        task = _Task(args[0], Future())
        task.ours.add_done_callback(lambda ours: self._take_back(task) if ours.cancelled() else None)
        try:
            self._send(task)
        except Exception as error:
            if self._lost():  # this very moment
                raise self._loss() from error
            raise
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

    def _loss(self) -> SharpError:
        return SharpError(
            f"lost the scheduler at {self._address}; repeat the command to continue when it is running again"
        )

    def _watch(self) -> None:
        """End what nobody will end any more; a client whose scheduler says goodbye would wait for ever."""
        while not self._over.wait(1):
            if self._lost():
                for task in list(self._flying.values()):
                    self._settle(task, self._loss())

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
        from distributed.comm.core import CommClosedError

        begun = task.ours.running()
        try:
            if theirs.cancelled():
                raise self._loss()
            self._settle(task, replace(theirs.result(timeout=60), item=task.item))
        except KilledWorker as error:
            if not begun and task.tries < TRIES:
                self._send(task)  # it only waited where another image ended the workers
            else:
                last = getattr(error.last_worker, "address", "")
                why = f"killed several workers, the last being {last}; do they have more memory than --memory?"
                self._settle(task, SharpError(why))
        except CommClosedError:
            # Results come by way of the scheduler, so it is gone, though the client may not know it yet.
            self._settle(task, self._loss())
        except Exception as error:
            self._unfit = error if isinstance(error, UnfitError) else self._unfit
            self._settle(task, error)
        self._flying.pop(key, None)
