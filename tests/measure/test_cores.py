import os
import shutil
import subprocess
import sys

import pytest

from sharpcli.measure import cores as module
from sharpcli.measure.cores import cores

MANY = 64


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 64 cores whose control groups are files: `machine(line, {file: content})`."""
    monkeypatch.setattr(module.os, "cpu_count", lambda: MANY)
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _: set(range(MANY)), raising=False)

    def made(line, files):
        for name, content in {"proc/self/cgroup": f"{line}\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return made


@pytest.mark.parametrize(
    ("line", "files", "expected"),
    [
        ("0::/", {"sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2),
        ("0::/", {"sys/fs/cgroup/cpu.max": "150000 100000\n"}, 2),
        ("0::/", {"sys/fs/cgroup/cpu.max": "5000 100000\n"}, 1),
        ("0::/", {"sys/fs/cgroup/cpu.max": "max 100000\n"}, MANY),
        ("0::/", {"sys/fs/cgroup/cpu.max": "9000000 100000\n"}, MANY),
        ("0::/", {"sys/fs/cgroup/cpu.max": "nonsense"}, MANY),
        ("0::/", {"sys/fs/cgroup/cpu.max": "100000 0"}, MANY),
        ("0::/", {}, MANY),
        ("no such line", {}, MANY),
        # The narrowest of the groups above counts.
        (
            "0::/user.slice/me.scope",
            {
                "sys/fs/cgroup/user.slice/cpu.max": "300000 100000\n",
                "sys/fs/cgroup/user.slice/me.scope/cpu.max": "max 100000\n",
            },
            3,
        ),
        # Version 1, with the controllers mounted together and alone; in a container the path is the host's.
        (
            "4:cpu,cpuacct:/docker/abc",
            {
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "400000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            4,
        ),
        (
            "1:cpu:/job",
            {
                "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "250000\n",
                "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "50000\n",
            },
            5,
        ),
        (
            "1:cpu:/",
            {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"},
            MANY,
        ),
        # A hybrid of both.
        (
            "1:cpu:/\n0::/",
            {
                "sys/fs/cgroup/unified/cpu.max": "700000 100000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "600000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            6,
        ),
        # A hierarchy that does not limit processor time.
        ("4:memory:/", {"sys/fs/cgroup/memory/cpu.max": "100000 100000\n"}, MANY),
    ],
)
def test_a_quota_of_time_counts_as_so_many_cores(machine, line, files, expected):
    assert cores(machine(line, files)) == expected


def test_the_affinity_mask_counts(machine, monkeypatch):
    root = machine("0::/", {"sys/fs/cgroup/cpu.max": "500000 100000\n"})
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _: {3, 7})
    assert cores(root) == 2


def test_a_system_that_tells_nothing_has_the_cores_it_has(tmp_path, monkeypatch):
    monkeypatch.delattr(module.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 7)
    assert cores(tmp_path) == 7
    monkeypatch.setattr(module.os, "cpu_count", lambda: None)
    assert cores(tmp_path) == 1


@pytest.mark.skipif(shutil.which("taskset") is None, reason="needs taskset")
def test_a_program_kept_to_one_core_counts_one_and_the_engine_is_told_so():
    program = (
        "from sharpcli.cli.options import WORKERS; from sharpcli.inference.runtime import config; "
        "print(WORKERS, config(4)['INFERENCE_NUM_THREADS'], config(4)['NUM_STREAMS'])"
    )
    first = min(os.sched_getaffinity(0))
    command = ["taskset", "-c", str(first), sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["1", "1", "1"]


def test_the_engine_takes_no_more_threads_than_a_quota_has_cores(monkeypatch):
    runtime = pytest.importorskip("sharpcli.inference.runtime")
    monkeypatch.setattr(runtime, "cores", lambda: 3)
    monkeypatch.setattr(runtime.os, "cpu_count", lambda: MANY)
    assert {runtime.config(calls)["INFERENCE_NUM_THREADS"] for calls in (1, 2, 8)} == {"3"}
    monkeypatch.setattr(runtime, "cores", lambda: MANY)
    assert "INFERENCE_NUM_THREADS" not in runtime.config(1), "all of a machine is the engine's own choice"
