"""What was measured, as tables for people and as data for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sharpcli.bench.laps import Ratio, Times
from sharpcli.bench.run import Benchmark
from sharpcli.bench.trial import FILE, MEMORY, Measured
from sharpcli.files.names import shown
from sharpcli.measure.cores import cores
from sharpcli.measure.machine import machine
from sharpcli.scoring.figures import NONE, figure
from sharpcli.version import __version__

JOBS = {MEMORY: "in memory", FILE: "file to file"}


def time_rows(measured: Benchmark) -> list[dict[str, str]]:
    """A row a result with its times, all as text."""
    return [
        {
            "enhancer": shown(one.label),
            "ms": figure("ms", one.memory.median),
            "p95": figure("ms", one.memory.p95),
            "frames/s": _short(one.memory.per_second),
            "file_ms": figure("ms", one.file.median),
            "file_p95": figure("ms", one.file.p95),
            "files/s": _short(one.file.per_second),
            "runs": str(len(one.memory.laps)),
        }
        for one in measured.results
    ]


def cost_rows(measured: Benchmark) -> list[dict[str, str]]:
    """A row a result with what it takes, all as text."""
    return [
        {
            "enhancer": shown(one.label),
            "device": shown(one.device),
            "cores": _short(one.memory.cores),
            "threads": _whole(one.footprint.threads),
            "peak_MB": _whole(None if one.footprint.bytes is None else one.footprint.bytes / 1e6),
            "parameters": _whole(one.cost.parameters),
            "kMAC/px": _short(one.cost.kmac_per_pixel),
            "GMAC": _short(one.gmac),
        }
        for one in measured.results
    ]


def ratio_rows(measured: Benchmark) -> list[dict[str, str]]:
    """A row a result with its times as multiples of the base's; none without a base."""
    if measured.base is None:
        return []
    return [
        {"enhancer": shown(one.label)} | {name: _ratio(measured.ratio(one, job)) for job, name in JOBS.items()}
        for one in measured.results
    ]


def about(measured: Benchmark) -> list[str]:
    """What was measured and where, in sentences."""
    load = "; load {:.2f} before, {:.2f} after".format(*measured.load) if measured.load else ""
    return [
        f"Image: {measured.input}; files: {measured.input.ending}.",
        f"Machine: {machine()}{load}.",
        f"Times: warm, one image at a time, all in alternation, {measured.rounds} rounds.",
    ]


TIMES_ARE = (
    "ms, p95, frames/s: median and 95th percentile of milliseconds, and 1000/ms, from pixels in this",
    "machine's memory to pixels there: a device's work is waited for, and its transfers count.",
    "file ms, file p95, files/s: the same with reading and writing the file, as enhance --workers 1 does.",
)


def costs_are() -> tuple[str, ...]:
    """What the columns of costs are, in lines."""
    return (
        f"cores: processor time by time passed, in memory, of {cores()} that may be used.",
        "threads, peak MB: of a fresh process that does the file twice; all of its resident memory,",
        "Python and libraries included, a device's own memory not.",
        "parameters, kMAC/px, GMAC: as the weights' card or the enhancer says; for a pixel and for all.",
    )


def ratios_are(measured: Benchmark) -> str:
    """What the ratios are, in a sentence."""
    assert measured.base is not None
    return f"Times relative to {shown(measured.base.label)} in the same rounds: median (5th to 95th percentile)."


def _ratio(ratio: Ratio | None) -> str:
    return f"{ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" if ratio else NONE


def _whole(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def _short(value: float | None) -> str:
    """Three digits or more, as many places as that needs."""
    if value is None:
        return NONE
    places = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{places}f}"


def as_dict(measured: Benchmark) -> dict[str, Any]:
    """All of it for programs: what JSON can hold."""
    input = measured.input
    return {
        "sharpcli": __version__,
        "machine": machine(),
        "cores": cores(),
        "load": measured.load,
        "image": {
            "name": shown(input.name),
            "size": input.size,
            "before": input.before,
            "upscale": input.upscale,
            "mode": input.image.mode,
            "bits": input.bits,
            "format": input.ending,
        },
        "rounds": measured.rounds,
        "against": measured.base.label if measured.base else None,
        "results": [_result_as_dict(measured, one) for one in measured.results],
        "failed": [{"label": label, "reason": reason} for label, reason in measured.failed],
    }


def _result_as_dict(measured: Benchmark, result: Measured) -> dict[str, Any]:
    ratios = {job: measured.ratio(result, job) for job in (MEMORY, FILE)}
    return {
        "label": result.label,
        **result.made,
        "origin": str(result.origin) if result.origin else None,
        "device": result.device,
        **{job: _times(result.times(job)) for job in (MEMORY, FILE)},
        "peak_bytes": result.footprint.bytes,
        "threads": result.footprint.threads,
        **asdict(result.cost),
        "gmac": result.gmac,
        "ratios": {job: ratio and asdict(ratio) for job, ratio in ratios.items()} if measured.base else None,
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "ms": times.median,
        "p95_ms": times.p95,
        "per_second": times.per_second,
        "cores_used": times.cores,
        "seconds": times.seconds,
    }
