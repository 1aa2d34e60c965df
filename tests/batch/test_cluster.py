"""A real scheduler and real workers, on this machine only."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.batch.clips import ClipJob
from sharpcli.batch.dask import cluster as cluster_module
from sharpcli.batch.job import Job
from sharpcli.batch.plan import plan
from sharpcli.batch.run import Rules, run_batch
from sharpcli.errors import SharpError
from sharpcli.files.remote import location
from sharpcli.inference import estimator
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from tests.helpers.clips import write_clip
from tests.helpers.on_cluster import ceilings, deadly, loads, slow, stuck, unchanged

distributed = pytest.importorskip("distributed")
ROOT = Path(__file__).parents[2]


def started(*command, cwd, **settings):
    paths = [ROOT, *map(Path, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), **settings}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", *map(str, command)], env=environment, cwd=cwd, **quiet)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(condition):
    while not condition():  # in vain: until the time limit of a test
        time.sleep(0.01)


class Cluster:
    """A scheduler, and the processes of its workers by name."""

    def __init__(self, folder, **settings):
        self.folder, self.workers = folder, {}
        self.address = f"127.0.0.1:{free_port()}"
        port = self.address.split(":")[1]
        options = ["--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        self.scheduler = started("distributed.cli.dask_scheduler", *options, "--no-show", cwd=folder, **settings)

    def start(self, name, *options):
        common = ["--host", "127.0.0.1", "--no-dashboard", "--no-nanny", "--nthreads", "1", "--memory-limit", "0"]
        command = ["distributed.cli.dask_worker", self.address, *common, "--name", name, *options]
        self.workers[name] = started(*command, cwd=self.folder)

    def end(self, *processes):
        for process in processes:
            process.kill()
            process.wait()

    def wait(self, count):
        with distributed.Client(self.address, set_as_default=False, timeout=30) as client:
            wait_for(lambda: len(client.nthreads()) == count)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """A scheduler with two workers of one thread each, whose current folder is not ours."""
    found = Cluster(tmp_path_factory.mktemp("elsewhere"))
    try:
        found.start("one")
        found.start("two")
        found.wait(2)
        yield found
    finally:
        found.end(*found.workers.values(), found.scheduler)


@pytest.fixture
def many(tmp_path, photo):
    """Twelve images in two folders."""
    for index in range(12):
        path = tmp_path / "in" / f"day {index % 2}" / f"{index:02}.{('png', 'jpg')[index % 3 == 0]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        side = 91 if index == 1 else 90
        PILImage.fromarray(photo[index : index + side, index : index + side + 30]).save(path)
    return tmp_path / "in"


def job(**options):
    enhancer = create_enhancer("student-live", options, 1).for_this_machine()
    return Job(partial(sharpen, enhancer=enhancer), enhancer)


def done(folder, out, machines, what, progress=lambda outcome, in_hand: None):
    return run_batch(plan([folder], out, suffix=""), what, {}, Rules(executor=f"dask://{machines.address}"), progress)


def files(out):
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_a_folder_done_on_a_cluster_is_byte_for_byte_what_this_machine_makes(machines, many, tmp_path, monkeypatch):
    local = run_batch(plan([many], tmp_path / "local", suffix=""), job(), {}, Rules())
    monkeypatch.chdir(tmp_path)  # a relative path means something else to a worker
    seen = []
    afar = done(Path("in"), Path("afar"), machines, job(), lambda outcome, in_hand: seen.append(outcome.item.source))
    assert local.counts() == afar.counts() == {"done": 12, "skipped": 0, "failed": 0, "not_reached": 0}
    assert files(tmp_path / "local") == files(tmp_path / "afar")
    assert sorted(seen) == sorted(Path("in") / name for name in files(many))
    assert done(Path("in"), Path("afar"), machines, job()).counts()["skipped"] == 12


def test_a_clip_is_done_by_a_worker_as_here(machines, tmp_path):
    write_clip(tmp_path / "in" / "a.mp4", 12)
    what = replace(job(), clips=ClipJob())
    local = run_batch(plan([tmp_path / "in"], tmp_path / "local", suffix=""), what, {}, Rules())
    afar = done(tmp_path / "in", tmp_path / "afar", machines, what)
    assert [outcome.frames for outcome in (*local.outcomes, *afar.outcomes)] == [12, 12]
    assert files(tmp_path / "local") == files(tmp_path / "afar")


def test_each_worker_loads_the_weights_once(machines, many, tmp_path):
    """Profile auto loads a network anew for what it finds in each image, but what finds it only once."""
    with distributed.Client(machines.address, set_as_default=False) as client:
        before = client.run(loads)
        done(many, tmp_path / "photo", machines, job(profile="photo"))
        after, known = client.run(loads), client.run(loads, "load_model")
        done(many, tmp_path / "auto", machines, job())
        found = client.run(loads, "load_model")
    assert len(before) == len(after) == len(found) == 2
    # How many images each worker gets hangs on how busy the machine is; what all of them looked up does not.
    for now, then in ((after, before), (found, known)):
        looked_up = [np.subtract(now[worker], then[worker]) for worker in now]
        assert all(misses <= 1 for misses, _ in looked_up)
        assert np.sum(looked_up) >= 12


def test_a_ceiling_holds_for_all_threads_of_a_worker(machines, many, tmp_path):
    done(many, tmp_path / "out", machines, Job(unchanged, workers=7))
    with distributed.Client(machines.address, set_as_default=False) as client:
        assert all(threads == {1} for threads in client.run(ceilings).values())


def test_a_worker_killed_in_the_middle_costs_no_image(machines, many, tmp_path):
    machines.start("doomed")
    machines.wait(3)
    doomed, out, writing = machines.workers.pop("doomed"), tmp_path / "out", tmp_path / "writing"
    killed = []

    def kill(outcome, in_hand):
        if not killed:
            wait_for(writing.exists)
            assert list(out.rglob(".sharpcli-*.part"))
            killed.append(doomed.kill())
            doomed.wait()

    what = Job(partial(stuck, victim=doomed.pid, out=out / "day 0", flag=writing))
    summary = done(many, out, machines, what, kill)
    assert killed
    assert summary.counts() == {"done": 12, "skipped": 0, "failed": 0, "not_reached": 0}
    assert set(files(out)) == {*files(many), ".sharpcli.json"}


def test_ctrl_c_finishes_what_workers_have_begun_and_leaves_the_cluster_usable(machines, many, tmp_path):
    flags = tmp_path / "flags"
    flags.mkdir()

    interrupts = iter([KeyboardInterrupt])

    def interrupt(outcome, in_hand):
        for error in interrupts:
            wait_for(lambda: len(list(flags.iterdir())) == 4)
            time.sleep(0.3)  # until it is known here too
            raise error

    summary = done(many, tmp_path / "out", machines, Job(partial(slow, flags=flags)), interrupt)
    assert summary.interrupted
    assert summary.counts() == {"done": 4, "skipped": 0, "failed": 0, "not_reached": 8}
    assert len([name for name in files(tmp_path / "out") if "/" in name]) == len(list(flags.iterdir())) == 4
    assert done(many, tmp_path / "out", machines, Job(unchanged)).counts()["failed"] == 0


def test_an_image_that_ends_every_worker_fails_alone(many, tmp_path):
    patient = Cluster(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1")

    def replace_the_dead():
        # One at a time, so that another image waits with each of them; the third does what is left.
        for dead, new in (("first", "second"), ("second", "third")):
            patient.workers[dead].wait()
            patient.start(new)

    replacing = threading.Thread(target=replace_the_dead)
    try:
        patient.start("first")
        patient.wait(1)
        replacing.start()
        summary = done(many, tmp_path / "out", patient, Job(deadly))
        replacing.join()
        assert [outcome.item.source.name for outcome in summary.failures()] == ["01.png"]
        assert "killed several workers" in summary.failures()[0].reason
        assert summary.counts()["done"] == 11
    finally:
        patient.end(*patient.workers.values(), patient.scheduler)


def test_a_source_that_is_gone_is_a_failure_of_its_own(machines, many, tmp_path):
    (many / "day 0" / "000.png").symlink_to(many / "nowhere.png")
    summary = done(many, tmp_path / "out", machines, Job(unchanged))
    assert [outcome.item.source.name for outcome in summary.failures()] == ["000.png"]
    assert summary.counts()["done"] == 12


# What has to be the same on all machines.


@pytest.fixture
def refused(machines, many, tmp_path):
    """The line with which a batch is refused; nothing may have been done."""

    def message(folder=many, out=tmp_path / "out", what=None, address=machines.address):
        with pytest.raises(SharpError) as caught:
            run_batch(plan([folder], out, suffix=""), what or job(), {}, Rules(executor=f"dask://{address}"))
        assert "\n" not in str(caught.value)
        assert {path.name for path in out.rglob("*")} <= {".sharpcli.json"}
        return str(caught.value)

    return message


WORKER = r"^worker tcp://127\.0\.0\.1:\d+,? "


def test_another_version_is_refused(refused, monkeypatch):
    monkeypatch.setattr(cluster_module, "__version__", "9.9")
    assert re.search(WORKER + "has sharpcli .*, not 9.9; install", refused())


@pytest.mark.parametrize("which", ["network", "exact enlargement", "estimator"])
def test_other_weights_are_refused(refused, monkeypatch, tmp_path, which):
    what = job()
    files = dict(zip(("network", "exact enlargement", "estimator"), what.enhancer.weight_files(), strict=True))
    for folder in {file.parent for file in files.values()}:
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    weights = tmp_path / files[which].name
    weights.write_bytes(weights.read_bytes() + b"x")
    monkeypatch.setattr(type(what.enhancer), "folder", tmp_path)
    monkeypatch.setattr(estimator, "WEIGHTS", tmp_path / estimator.WEIGHTS.name)
    assert re.search(WORKER + f"has different weights named {weights.name}; install", refused(what=what))


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs a path that each process sees differently")
def test_inputs_and_outputs_must_be_the_same_files_for_all(refused, machines, many, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = Path("/proc/self/cwd")
    assert re.search(WORKER + "does not see /proc/self/cwd/in/.*; mount it there", refused(mine / "in"))
    assert re.search(WORKER + "does not see /proc/self/cwd/out; mount it there", refused(many, mine / "out"))
    (machines.folder / "out").mkdir()
    assert re.search(
        WORKER + "has a different /proc/self/cwd/out than this machine; mount", refused(many, mine / "out")
    )


def test_what_is_only_in_this_programs_memory_is_refused(refused, many):
    source, target = location("memory://cluster/in"), location("memory://cluster/out")
    (source / "a.png").write_bytes(b"x")
    assert re.search(WORKER + r"does not see memory://cluster/in/a\.png; it must be", refused(source, target))
    assert re.search(WORKER + "has a different memory://cluster/out than this", refused(many, target))


def test_a_worker_without_sharpcli_is_refused(refused, machines, tmp_path):
    (tmp_path / "without.py").write_text("import sys; sys.modules['sharpcli'] = None")
    machines.start("bare", "--preload", tmp_path / "without.py")
    machines.wait(3)
    try:
        assert re.search(WORKER + "cannot load sharpcli .*install", refused())
    finally:
        machines.end(machines.workers.pop("bare"))
        machines.wait(2)


def test_a_worker_that_joins_later_is_checked_too(machines, many, tmp_path):
    (tmp_path / "old.py").write_text("import sharpcli.version; sharpcli.version.__version__ = '0.0.1'")

    def join(outcome, in_hand):
        if "old" not in machines.workers:
            machines.start("old", "--preload", tmp_path / "old.py")
            machines.wait(3)

    (tmp_path / "flags").mkdir()
    try:
        summary = done(many, tmp_path / "out", machines, Job(partial(slow, flags=tmp_path / "flags")), join)
        assert re.search(WORKER + r"which joined later, has sharpcli 0\.0\.1", summary.trouble)
        assert "\n" not in summary.trouble
        assert summary.counts()["not_reached"]
    finally:
        machines.end(machines.workers.pop("old"))
        machines.wait(2)


@pytest.mark.parametrize("address", ["127.0.0.1:{free}", "", "no such address"])
def test_no_scheduler_is_reported_in_one_line(refused, address, monkeypatch, capfd):
    monkeypatch.setattr(cluster_module, "PATIENCE", 0.5)
    assert "no scheduler is running" in refused(address=address.format(free=free_port()))
    assert capfd.readouterr() == ("", "")


def test_without_the_extra_it_says_what_to_install(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert refused().endswith("pip install 'sharpcli[cluster]'")


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_scheduler_without_workers_and_one_that_is_lost_are_reported(many, tmp_path, refused, monkeypatch, end):
    monkeypatch.setattr(cluster_module, "PATIENCE", 0.5)
    alone = Cluster(tmp_path)
    try:
        alone.wait(0)
        assert "no worker has joined" in refused(address=alone.address)
        alone.start("one")
        alone.wait(1)
        report = tmp_path / "report.json"
        rules = Rules(executor=f"dask://{alone.address}", reports=(report,))
        planned = plan([many], tmp_path / "out", suffix="")
        summary = run_batch(planned, Job(unchanged), {}, rules, lambda *_: getattr(alone.scheduler, end)())
        assert "repeat the command to continue" in summary.trouble
        assert "\n" not in summary.trouble
        counts = summary.counts()
        assert counts["done"]
        assert counts["not_reached"]
        assert sum(counts.values()) == 12
        written = json.loads(report.read_text())
        assert written["summary"]["not_reached"] == counts["not_reached"]
        assert len(written["images"]) == 12
        left = [image for image in written["images"] if image["status"] in ("not reached", "failed")]
        assert {image["reason"] for image in left} == {summary.trouble}
        assert any("/" in name for name in files(tmp_path / "out"))
    finally:
        alone.end(*alone.workers.values(), alone.scheduler)
