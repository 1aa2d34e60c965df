"""Scheduler, worker and client of a batch talk to each other, and to nobody else."""

import re

import pytest
from PIL import Image as PILImage

from tests.helpers.alone import Alone

pytest.importorskip("distributed")
HERE = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")


def test_a_batch_on_a_cluster_is_alone_with_it(tmp_path, photo):
    alone = Alone(tmp_path)
    (alone.work / "in").mkdir()
    for index in range(3):
        PILImage.fromarray(photo[index : index + 64, :80]).save(alone.work / "in" / f"{index}.png")
    scheduler = alone.start("-m", "distributed.cli.dask_scheduler", *HERE, "--port", "0", "--no-show")
    worker = None
    try:
        address = next((match[1] for line in scheduler.stdout if (match := re.search(r"tcp://(\S+)", line))), None)
        assert address, "no scheduler started"
        worker = alone.start("-m", "distributed.cli.dask_worker", address, *HERE, "--nthreads", "1")
        assert any("Registered to" in line for line in worker.stdout)
        alone.run("-m", "sharpcli", "enhance", "in", "-o", "out", "--executor", f"dask://{address}")
    finally:
        for process in filter(None, (worker, scheduler)):
            process.terminate()
            process.communicate(timeout=60)
    assert len(list((alone.work / "out").glob("*.png"))) == 3
    assert alone.attempts() == []
