"""What a whole process takes that enhances one file: measured in a fresh one, in which nothing else was done before.

Run by itself, with the words that `footprint` gives it, this module is that process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from sharpcli.batch.job import Job, do, sharpening
from sharpcli.batch.plan import Item
from sharpcli.errors import SharpError
from sharpcli.measure.memory import peak_resident, threads
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import of_file


@dataclass(frozen=True)
class Footprint:
    """The most memory that was resident, in bytes, and how many threads there were; None where it is not known."""

    bytes: int | None
    threads: int | None


def file_job(spec: EnhancerSpec, upscale: float, source: Path, target: Path) -> Callable[[], None]:
    """What `enhance --workers 1` does with a file, which raises SharpError where it fails. Raises SharpError."""
    job, _ = sharpening(spec.create(upscale), upscale)
    return partial(_do, Item(source, target), replace(job, workers=1))


def footprint(spec: EnhancerSpec, upscale: float, source: Path, target: Path) -> Footprint:
    """What a process takes that does the `file_job`, Python and libraries included.

    It does it twice, since a network compiles for a size that comes again. Raises SharpError where that fails.
    """
    answer = target.with_suffix(".json")
    answer.unlink(missing_ok=True)
    origin = load_registry().get(spec.name).origin
    loose = origin.file if origin and origin.file else ""
    words = [spec.text, str(upscale), *map(os.fspath, (source, target, answer)), loose]
    # The modules that are imported here and no others, such as some in the working directory.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-P", "-m", "sharpcli.bench.footprint", *words]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if not answer.is_file():
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise SharpError(f"the process exited with {how}: {' '.join(last) or 'possibly out of memory'}")
    found = json.loads(answer.read_text())
    if "failed" in found:
        raise SharpError(found["failed"])
    return Footprint(**found)


def _do(item: Item, job: Job) -> None:
    outcome = do(item, job)
    if outcome.status != "done":
        raise SharpError(outcome.reason)


def _answer(text: str, upscale: str, source: str, target: str, plugin: str) -> dict[str, object]:
    """In the other process: its footprint, or why it failed; `plugin` is the loose file that has the enhancer."""
    try:
        if plugin:
            load_registry().add(of_file(Path(plugin)))
        job = file_job(EnhancerSpec.parse(text), float(upscale), Path(source), Path(target))
        job()
        job()
    except SharpError as error:
        return {"failed": str(error)}
    return asdict(Footprint(peak_resident(), threads()))


if __name__ == "__main__":
    text, upscale, source, target, answer, plugin = sys.argv[1:]
    Path(answer).write_text(json.dumps(_answer(text, upscale, source, target, plugin)))
