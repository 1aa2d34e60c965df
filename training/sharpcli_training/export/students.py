"""Which students are exported, and what each is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.inference.conditioned import ConditionedEnhancer
from sharpcli.inference.degradation import LENGTH
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.registry import load_registry
from sharpcli_training.export.estimators import ESTIMATORS, write_estimator
from sharpcli_training.export.formats import Format, Job, Written
from sharpcli_training.export.stack import StudentStack, read_student
from sharpcli_training.export.told import vector_of

CALL = "call"
INT8 = "-int8"
SIZES = {"360p": "640x360", "540p": "960x540", "720p": "1280x720", "1080p": "1920x1080"}


@dataclass(frozen=True)
class Wish:
    """The options of the command, as texts."""

    precision: str | None = None
    size: str | None = None
    options: tuple[str, ...] = ()
    vector: str | None = None


def export_students(sources: Sequence[str], form: Format, out: Path, wish: Wish) -> Iterator[Written]:
    """Write the files of each source to the folder, once all that was asked for is known to make sense.

    Raises SharpError.
    """
    precision = wish.precision or form.precisions[0]
    if precision not in form.precisions:
        raise SharpError(f"this format has {' and '.join(form.precisions)}; --precision {precision} is not one of them")
    size = _size(wish.size, form)
    estimators = [ESTIMATORS[source] for source in sources if source in ESTIMATORS and form.estimators]
    named = [source for source in sources if source not in ESTIMATORS or not form.estimators]
    files = list(dict.fromkeys(file for source in named for file in _files(source, precision)))
    students = [read_student(file) for file in files]
    asked = dict(_pair(text) for text in wish.options)
    if (asked or wish.vector) and (form.told_at_run_time or not any(student.conditioned for student in students)):
        raise SharpError("nothing here is told in advance what to undo; leave out -O and --vector")
    tasks = []
    for file, student in zip(files, students, strict=True):
        exact = _precision(student, precision, wish.precision is not None)
        vector = () if form.told_at_run_time or not student.conditioned else _vector(student, asked, wish.vector)
        mark = "-".join(asked.values()) or "told" if vector else ""
        parts = (file.stem, "fp16" if exact == "fp16" else "", mark, wish.size or "")
        stem = out / "-".join(part for part in parts if part)
        tasks.append((student.told(vector) if vector else student, stem, Job(file, exact, vector, size)))
    for task in tasks:
        yield from form.write(*task)
    for estimator in estimators:
        yield write_estimator(estimator, out, precision)


def _precision(student: StudentStack, wanted: str, asked: bool) -> str:
    """What this file's numbers can be: rounded ones are only right where features are rounded as well."""
    rounded = student.convolutions[0].rounding is not None
    if rounded and wanted != "int8":
        raise SharpError(f"{student.card['name']} is INT8; use --precision int8 or the ONNX file with FP32 weights")
    if not rounded and wanted == "int8" and asked:
        raise SharpError(f"{student.card['name']} has no INT8 weights; leave out --precision int8")
    return wanted if rounded or wanted != "int8" else "fp32"


def _files(source: str, precision: str) -> list[Path]:
    """The ONNX files of a path, or of an installed student by name and options."""
    if source.endswith(".onnx"):
        if not Path(source).with_suffix(".json").is_file():
            raise SharpError(f"{shown(source)} is not there with its card, a .json file of that name")
        return [Path(source)]
    spec = EnhancerSpec.parse(source)
    cls = load_registry().get(spec.name)
    if not (issubclass(cls, ConditionedEnhancer) and "precision" in {one.name for one in cls.options()}):
        raise SharpError(f"{spec.name} is not a student: use student, student-live or an ONNX file of one")
    options = dict(spec.options)
    profiles = [options.pop("profile")] if "profile" in options else list(cls.profiles)
    arithmetic = "int8" if precision == "int8" else "fp32"
    one = [cls.create({**options, "profile": name, "precision": arithmetic}) for name in profiles]
    return [enhancer.file() for enhancer in one if isinstance(enhancer, ConditionedEnhancer)]


def _vector(student: StudentStack, asked: dict[str, str], vector: str | None) -> tuple[float, ...]:
    """What a conditioned student is told for good."""
    call = student.card["name"].removesuffix(INT8).endswith(f"-{CALL}")
    if vector:
        return _numbers(vector)
    if not asked:
        hint = "-O coding=4" if call else "-O kind=gaussian -O blur=2"
        raise SharpError(f"{student.card['name']} needs to be told what to undo, such as {hint}")
    return vector_of(asked, call)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SharpError(f"invalid option {text!r}; use -O NAME=VALUE")
    return name.strip(), value.strip()


def _numbers(text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != LENGTH:
        raise SharpError(f"--vector needs {LENGTH} numbers with commas between")
    return numbers


def _size(text: str | None, form: Format) -> tuple[int, int] | None:
    if not form.sized:
        if text:
            raise SharpError("this format takes images of any size; leave out --size")
        return None
    sides = re.fullmatch(r"(\d+)x(\d+)", SIZES.get(text or "", text or ""))
    if not sides or any(int(side) % 2 or not int(side) for side in sides.groups()):
        raise SharpError(f"this format needs --size WIDTHxHEIGHT, both even, or one of {', '.join(SIZES)}")
    return int(sides[1]), int(sides[2])
