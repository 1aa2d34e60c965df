"""What a training step of student-live costs: kernel launches, steps a second, and the share of drawing and degrading.

python benchmarks/training.py --pack PACK --pairs PAIRS    (packs of `sharpcli train originals` and `prepare`)

Times are of one thread, in seconds of processor time, so that what else the machine does counts little. The plain path
is `train student`, on pairs made beforehand; the rest is the path of `train run`, with as many pixels a step.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch
from click.testing import CliRunner
from torch.profiler import ProfilerActivity, profile

from sharpcli.cli.main import main
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.data.degraded import degraded_batch
from sharpcli_training.data.resident import Resident
from sharpcli_training.fit.conditioned.plan import RunPlan
from sharpcli_training.fit.conditioned.students import Students
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.estimator import Estimator

CROPS = 7
"""Of 96 x 96: nearly as many pixels as the plain recipe's 16 of 64 x 64."""
SHORT, LONG = 20, 120
"""Steps of two plain runs; their difference has neither setting up nor validation in it."""
VIEWS = """
alias as_strided as_strided_ chunk detach empty empty_like empty_strided expand flatten item lift_fresh mT movedim
narrow permute reshape resize_ result_type select slice split split_with_sizes squeeze t to transpose unbind unflatten
unsqueeze view view_as _local_scalar_dense _reshape_alias _unsafe_view
"""
FREE = frozenset(f"aten::{name}" for name in VIEWS.split())
"""Operations that launch nothing."""
SINGLE = ("_foreach", "_fused", "addmm", "baddbmm", "bmm", "convolution", "mean", "mm", "std", "sum")
"""Operations that a GPU runs as one kernel, whatever a CPU makes of them (the backward convolution as up to three)."""


def learner(images: Resident, **changes: object) -> Students:
    """student-live alone, some steps old."""
    plan = RunPlan("r", "students", 1.0, cpu_batch=CROPS, batch=CROPS, **changes)  # type: ignore[arg-type]
    made = Students(plan, {"student-live": ConditionedStudent(16, 4)}, Estimator(), images)
    made.begin_phase(made.phase(0.5))
    made.set_rates(0.5, 100, still=False)
    for _ in range(3):
        made.update()
    return made


def kernels(step: Callable[[], None]) -> Counter[str]:
    """Launches of a step by name: on a GPU as the profiler sees them, on a CPU the operations that compute."""
    gpu = torch.cuda.is_available()
    with profile(activities=[ProfilerActivity.CUDA if gpu else ProfilerActivity.CPU]) as seen:
        step()
        if gpu:
            torch.cuda.synchronize()
    events = list(seen.events())
    if gpu:
        return Counter(event.name for event in events if "DeviceType.CUDA" in str(event.device_type))
    found: Counter[str] = Counter()
    waiting = [event for event in events if event.cpu_parent is None]
    while waiting:
        event = waiting.pop()
        computes = event.name.startswith("aten::") and event.name not in FREE
        inner = [child for child in event.cpu_children if child.name.startswith("aten::") and child.name not in FREE]
        if computes and (not inner or event.name.removeprefix("aten::").startswith(SINGLE)):
            found[event.name] += 1
        else:
            waiting += event.cpu_children
    return found


def seconds(step: Callable[[], None], count: int) -> float:
    """Of processor time, for one of `count` calls."""
    begun = time.process_time()
    for _ in range(count):
        step()
    return (time.process_time() - begun) / count


def plain(pairs: Path, steps: int) -> float:
    """Seconds of processor time that `train student` takes for so many steps."""
    with TemporaryDirectory() as folder:
        command = f"train student --recipe student-live --set teacher_share=0 --set finish_share=0 --set steps={steps}"
        begun = time.process_time()
        done = CliRunner().invoke(main, [*command.split(), "--pairs", str(pairs), "-o", folder])
        assert done.exit_code == 0, done.output
        return time.process_time() - begun


def report() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    images = Resident.of(args.pack, "train", False, device)
    blind, whole = learner(images, told=False, estimator_rate=0.0), learner(images)
    batch, pupil = degraded_batch(images, CROPS, blind.generator), blind.pupils[0]
    given = (batch.degraded, batch.reference, vector(batch.draw))

    def own() -> None:
        pupil.update(given, blind._rate, blind._share, blind._phase.coarse)

    def draw() -> None:
        degraded_batch(images, CROPS, blind.generator)

    parts = {
        "student's update": own,
        "drawing and degrading": draw,
        "student alone": blind.update,
        "plan": whole.update,
    }
    for name, step in parts.items():
        print(f"{name:24} {kernels(step).total():5} launches")
    times: dict[str, list[float]] = {name: [] for name in ("plain path", *parts)}
    for index in range(args.rounds + 1):
        taken = {"plain path": (plain(args.pairs, LONG) - plain(args.pairs, SHORT)) / (LONG - SHORT)}
        taken |= {name: seconds(step, 20) for name, step in parts.items()}
        for name, one in taken.items():
            times[name] += [one] if index else []  # the first round loads and compiles
    for name, values in times.items():
        middle, ratio = median(values), median(times["plain path"]) / median(values)
        print(f"{name:24} {1000 * middle:7.1f} ms  {1 / middle:6.1f} steps/s  {ratio:.2f} x")
    share = median(times["drawing and degrading"]) / median(times["student alone"])
    print(f"drawing and degrading: {share:.0%} of the step of student-live alone")


if __name__ == "__main__":
    report()
