"""Measures enhancers on a clip: the network alone, decoding and encoding, and the clip from file to file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.bench.laps import Ratio, Times
from sharpcli.errors import ImageError
from sharpcli.files.clips import container_of
from sharpcli.files.formats import ending_of
from sharpcli.files.names import shown
from sharpcli.files.paths import first_bytes
from sharpcli.measure.cores import cores
from sharpcli.measure.machine import machine
from sharpcli.measure.timing import alternated
from sharpcli.pipeline.guard import for_this_machine, with_threads
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.version import __version__
from sharpcli.video.choice import HOLDS, chosen_coding
from sharpcli.video.clip import opened
from sharpcli.video.coding import Coding, encoder
from sharpcli.video.enhance import enhance_clip
from sharpcli.video.frames import FrameEnhancer, decide, decoded

if TYPE_CHECKING:
    from av import VideoFrame

SAMPLE = 24
"""Frames that the network and the encoder alone are timed on."""
DECODE, NETWORK, ENCODE, FILE = "decode", "network", "encode", "file"
JOBS = (DECODE, NETWORK, ENCODE, FILE)


@dataclass(frozen=True)
class ClipMeasured:
    """Of one enhancer, the times of each of JOBS and over how many frames they were taken."""

    label: str
    times: dict[str, Times]
    frames: dict[str, int]

    def ms(self, job: str) -> float:
        """Median milliseconds a frame."""
        return self.times[job].median / self.frames[job]

    @property
    def overlap(self) -> float:
        """Decoding, network and encoding one after the other, as a multiple of what the file took."""
        return sum(self.ms(job) for job in (DECODE, NETWORK, ENCODE)) / self.ms(FILE)


@dataclass(frozen=True)
class ClipBenchmark:
    """All results of a clip of so many frames, and the one whose times the others' are set against."""

    name: str
    size: tuple[int, int]
    frames: int
    encoder: str
    rounds: int
    results: tuple[ClipMeasured, ...]
    base: ClipMeasured | None

    def ratio(self, result: ClipMeasured, job: str) -> Ratio | None:
        """A result's time as a multiple of the base's, round by round; None without a base."""
        return result.times[job].against(self.base.times[job]) if self.base else None


def measure_clip(
    specs: Sequence[EnhancerSpec],
    path: Path,
    folder: Path,
    rounds: int,
    base: EnhancerSpec | None = None,
    upscale: float = 1,
    track: Callable[[Sequence[Any], str], Iterable[Any]] = lambda steps, text: steps,
) -> ClipBenchmark:
    """Measure enhancers on a clip in alternation; results lie in `folder`. Raises SharpError."""
    try:
        container = ending_of(path) if ending_of(path) in HOLDS else container_of(first_bytes(path))
        with opened(path) as clip:
            context = clip.video.codec_context
            how = chosen_coding(context.name, clip.pixel_format, container if container in HOLDS else "mkv")
            size, rate = (clip.width, clip.height), clip.rate
            aspect = clip.video.sample_aspect_ratio
    except ImageError as error:
        raise ImageError(f"{shown(path)}: {error}") from error
    count = _decode(path)
    jobs: dict[tuple[EnhancerSpec, str], Callable[[], object]] = {}
    for number, spec in enumerate(specs):
        created = with_threads(for_this_machine(spec.create(upscale)), 1)
        chosen = decide(path, created, upscale)
        target = folder / f"{number}.{container if container in HOLDS else 'mkv'}"
        jobs[spec, DECODE] = partial(_decode, path)
        jobs[spec, NETWORK] = partial(_enhance, _sample(path), FrameEnhancer(chosen, upscale=upscale, reuse=False))
        enlarged = [FrameEnhancer(chosen, 0, upscale=upscale)(frame) for frame in _sample(path)]
        jobs[spec, ENCODE] = partial(_encode, enlarged, how, rate, aspect)
        jobs[spec, FILE] = partial(_file, path, target, created, how, upscale)
    laps = alternated(jobs, rounds, warm=1, track=lambda turns: track(turns, "times"))
    sample = min(count, SAMPLE)
    frames = {DECODE: count, NETWORK: sample, ENCODE: sample, FILE: count}
    made = {
        spec: ClipMeasured(spec.label, {job: Times(tuple(laps[spec, job])) for job in JOBS}, frames) for spec in specs
    }
    return ClipBenchmark(
        path.name, size, count, how.encoder, rounds, tuple(made.values()), made[base] if base else None
    )


def rows(measured: ClipBenchmark) -> list[dict[str, str]]:
    """A row a result, all as text."""
    return [
        {
            "enhancer": shown(one.label),
            "network frames/s": f"{1000 / one.ms(NETWORK):.1f}",
            "file frames/s": f"{1000 / one.ms(FILE):.1f}",
            **{f"{job} ms": f"{one.ms(job):.1f}" for job in JOBS},
            "overlap": f"{one.overlap:.2f}",
            **(
                {
                    f"{job} ratio": f"{ratio.median:.2f}"
                    for job in (NETWORK, FILE)
                    if (ratio := measured.ratio(one, job))
                }
            ),
        }
        for one in measured.results
    ]


def about(measured: ClipBenchmark) -> list[str]:
    """What was measured and where, and what the columns are."""
    width, height = measured.size
    return [
        f"Clip: {shown(measured.name)}, {width} x {height}, {measured.frames} frames; encoder {measured.encoder}.",
        f"Machine: {machine()}.",
        f"Times: medians of up to {measured.rounds} rounds, all in alternation, in ms a frame.",
        "network: every frame anew; file: all that enhance does, with what stands still reused;",
        "overlap: decode, network and encode one after the other, divided by file.",
    ]


def as_dict(measured: ClipBenchmark) -> dict[str, Any]:
    """All of it for programs: what JSON can hold."""
    return {
        "sharpcli": __version__,
        "machine": machine(),
        "cores": cores(),
        "clip": {"name": shown(measured.name), "size": measured.size, "frames": measured.frames},
        "encoder": measured.encoder,
        "rounds": measured.rounds,
        "against": measured.base.label if measured.base else None,
        "results": [
            {
                "label": one.label,
                **{f"{job}_ms": one.ms(job) for job in JOBS},
                "overlap": one.overlap,
                "seconds": {job: one.times[job].seconds for job in JOBS},
                "ratios": {job: asdict(ratio) for job in JOBS if (ratio := measured.ratio(one, job))} or None,
            }
            for one in measured.results
        ],
    }


def _decode(path: Path) -> int:
    with opened(path) as clip:
        return sum(1 for _ in decoded(clip))


def _sample(path: Path) -> list[VideoFrame]:
    with opened(path) as clip:
        return list(islice(decoded(clip), SAMPLE))


def _enhance(frames: Sequence[VideoFrame], enhance: FrameEnhancer) -> None:
    for frame in frames:
        enhance(frame)


def _encode(frames: Sequence[VideoFrame], how: Coding, rate: Any, aspect: Any) -> None:
    context = encoder(how, frames[0], frames[0].time_base, rate, aspect, True)
    for frame in frames:
        frame.pict_type = 0
        context.encode(frame)
    context.encode(None)


def _file(path: Path, target: Path, enhancer: Enhancer, how: Coding, upscale: float) -> None:
    target.unlink(missing_ok=True)
    enhance_clip(path, target, enhancer, how, upscale=upscale)
