"""What was measured, as data for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sharpcli.bench.entrant import FILE, MEMORY, Result
from sharpcli.bench.laps import Times
from sharpcli.bench.run import Benchmark
from sharpcli.files.names import shown
from sharpcli.measure.machine import cores, machine
from sharpcli.version import __version__


def told(measured: Benchmark) -> dict[str, Any]:
    """All of it for programs: what JSON can hold."""
    subject = measured.subject
    return {
        "sharpcli": __version__,
        "machine": machine(),
        "cores": cores(),
        "load": measured.load,
        "picture": {
            "name": shown(subject.name),
            "size": subject.size,
            "before": subject.before,
            "upscale": subject.upscale,
            "mode": subject.picture.mode,
            "bits": subject.bits,
            "format": subject.ending,
        },
        "rounds": measured.rounds,
        "against": measured.base.label if measured.base else None,
        "results": [_told(measured, one) for one in measured.results],
        "failed": [{"label": label, "reason": reason} for label, reason in measured.failed],
    }


def _told(measured: Benchmark, result: Result) -> dict[str, Any]:
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
