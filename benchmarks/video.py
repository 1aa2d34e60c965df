"""Times a clip through a student beside FFmpeg's own sharpening, by the same decoder and encoder, in alternation.

python benchmarks/video.py [CLIP] [--frames 100] [--rounds 2] [--enhancer student-live:precision=int8,profile=photo]

Without a clip it makes one of so many frames: 1920x1080, 30 frames a second, a photograph that moves, blurred, H.264. A
clip's frames are all held in memory. `overlapped` is what the cores could do at best: the processor time of decoding,
network and encoding, each alone, divided by the cores. Filters run in a thread of their own between decoder and
encoder as the enhancer does. A second table has a picture that stands still but for what is typed on it, and one that
moves, with the reuse of what stands still against without.
"""

import argparse
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
from scipy.ndimage import gaussian_filter

from sharpcli.image.sample import photograph
from sharpcli.measure.cores import cores
from sharpcli.measure.timing import Lap, alternated
from sharpcli.pipeline.guard import call
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.ahead import ahead
from sharpcli.video.clip import opened
from sharpcli.video.coding import coding
from sharpcli.video.enhance import enhance_clip
from sharpcli.video.frames import FrameEnhancer, decide, decoded, enhanced
from sharpcli.video.planes import plane

WIDTH, HEIGHT, RATE = 1920, 1080, 30
FILTERS = {"unsharp": "luma_msize_x=5:luma_msize_y=5:luma_amount=1", "cas": "strength=0.5:planes=1"}
TYPED = 12, 24
"""The sides of a letter that is typed."""
HOW = coding("h264")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path, nargs="?")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--enhancer", default="student-live:precision=int8,profile=photo")
    given = parser.parse_args()
    enhancer = EnhancerSpec.parse(given.enhancer).create()
    with tempfile.TemporaryDirectory() as folder:
        clip = given.clip or written(moving(given.frames), Path(folder) / "in.mp4")
        stages(Trial(clip, Path(folder), enhancer), given.rounds)
    reuse(enhancer, given.frames, given.rounds)


@dataclass(frozen=True)
class Trial:
    """A clip, where to write, and what enhances it."""

    clip: Path
    folder: Path
    enhancer: Enhancer

    def frames(self) -> Iterator[av.VideoFrame]:
        """Those of the clip, as the pipeline decodes them."""
        with opened(self.clip) as clip:
            yield from decoded(clip)

    def through(self, stage: Callable[[Iterator[av.VideoFrame]], Iterable[av.VideoFrame]]) -> None:
        """Decode, what happens in between, and encode, each in a thread of its own."""
        written(ahead(iter(stage(ahead(self.frames())))), self.folder / "out.mp4")

    def whole(self) -> None:
        """The way that the command takes."""
        enhance_clip(self.clip, self.folder / "whole.mp4", self.enhancer, HOW)


def stages(trial: Trial, rounds: int) -> None:
    """Print what each stage takes alone, and all of them together."""
    chosen = decide(trial.clip, trial.enhancer)
    # What is encoded has to be the enhanced frames, since they take longer.
    sharp = list(enhanced(trial.frames(), FrameEnhancer(chosen)))
    soft = list(islice(trial.frames(), 4))
    luma = [np.array(plane(frame))[..., None] for frame in soft]

    def network() -> None:
        for pixels in islice(cycle(luma), len(sharp)):
            call(chosen, pixels)

    def frame_enhancer() -> None:
        for _ in enhanced(islice(cycle(soft), len(sharp)), FrameEnhancer(chosen)):
            pass

    jobs: dict[str, Callable[[], object]] = {
        "decoding": lambda: sum(1 for _ in trial.frames()),
        "network": network,
        "frame enhancer": frame_enhancer,
        "encoding": lambda: written(sharp, trial.folder / "out.mp4"),
        "decoding and encoding": partial(trial.through, iter),
        **{name: partial(trial.through, partial(filtered, name, FILTERS[name])) for name in FILTERS},
        "sharpcli": trial.whole,
    }
    seconds, processor = medians(alternated(jobs, rounds, warm=1, slow=math.inf))
    alone = ("decoding", "network", "encoding")
    overlapped = sum(processor[name] for name in alone) / cores()
    print(f"{len(sharp)} frames of {sharp[0].width}x{sharp[0].height}, {cores()} cores\n")
    print("| | frames/s | processor, ms a frame |\n|---|---|---|")
    for name, taken in seconds.items():
        print(f"| {name} | {len(sharp) / taken:.1f} | {1000 * processor[name] / len(sharp):.1f} |")
    print(f"| overlapped | {len(sharp) / overlapped:.1f} | |\n")
    print(f"one after the other {sum(seconds[name] for name in alone):.1f} s, overlapped {overlapped:.1f} s")
    print(f"sharpcli / overlapped: {seconds['sharpcli'] / overlapped:.2f}")
    print(f"frame enhancer / network: {seconds['frame enhancer'] / seconds['network']:.2f}")
    for name in FILTERS:
        print(f"sharpcli / {name}: {seconds['sharpcli'] / seconds[name]:.2f}")


def reuse(enhancer: Enhancer, count: int, rounds: int) -> None:
    """Print what it brings not to run again what stands still."""
    frames = list(typed(count))

    def run(reuse: bool, given: list[av.VideoFrame]) -> None:
        for _ in enhanced((copy(frame) for frame in given), FrameEnhancer(enhancer, reuse=reuse)):
            pass

    moved = list(moving(max(8, count // 4)))
    jobs = {
        (name, on): partial(run, on, given) for name, given in (("typing", frames), ("moving", moved)) for on in (0, 1)
    }
    seconds, _ = medians(alternated(jobs, rounds, warm=1, slow=math.inf))
    print("\n| | with reuse, time against without |\n|---|---|")
    for name in ("typing", "moving"):
        print(f"| {name} | {seconds[name, 1] / seconds[name, 0]:.2f} |")


def medians(laps: dict[Any, list[Lap]]) -> tuple[dict[Any, float], dict[Any, float]]:
    """Seconds, and seconds of all threads, of each job."""
    return (
        {key: median(lap.seconds for lap in taken) for key, taken in laps.items()},
        {key: median(lap.processor for lap in taken) for key, taken in laps.items()},
    )


def moving(count: int) -> Iterator[av.VideoFrame]:
    """A photograph that moves by some pixels a frame."""
    wide = photograph((WIDTH + 2 * count, HEIGHT + count), "L").pixels[..., 0]
    soft = np.rint(gaussian_filter(wide.astype(np.float32), 1.2)).astype(np.uint8)
    for number in range(count):
        yield frame_of(soft[number : number + HEIGHT, 2 * number : 2 * number + WIDTH], number)


def typed(count: int) -> Iterator[av.VideoFrame]:
    """One on which a letter more is typed in each frame."""
    page = photograph((WIDTH, HEIGHT), "L").pixels[..., 0].copy()
    width, height = TYPED
    for number in range(count):
        row, column = divmod(number, WIDTH // width)
        top, left = 400 + row * height, column * width
        page[top + 4 : top + height, left + 2 : left + width] = 235 if number % 3 else 16
        yield frame_of(page, number)


def frame_of(luma: np.ndarray, number: int) -> av.VideoFrame:
    """A frame without colour."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for index, values in enumerate((luma, 128, 128)):
        plane(frame, index)[...] = values
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame


def copy(frame: av.VideoFrame) -> av.VideoFrame:
    """Another frame with the same luma, since frames are enhanced in place."""
    return frame_of(plane(frame), frame.pts)


def filtered(name: str, options: str, frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The frames through a filter of FFmpeg's."""
    graph = None
    for frame in frames:
        if graph is None:
            graph = av.filter.Graph()
            source = graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
            )
            graph.link_nodes(source, graph.add(name, options), graph.add("buffersink")).configure()
        graph.push(frame)
        result = graph.pull()
        result.pict_type = 0
        yield result


def written(frames: Iterable[av.VideoFrame], path: Path) -> Path:
    """Encode them as `enhance` does by default."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream(HOW.encoder, rate=RATE, options=dict(HOW.options))
        for number, frame in enumerate(frames):
            if number == 0:
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


if __name__ == "__main__":
    main()
