"""The work on one image or clip of a batch, wherever it is done: open, read, change, write; and what is asked of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sharpcli.batch.clips import ClipJob, StoppedError, Watch, do_clip
from sharpcli.batch.frames import Way, several_done
from sharpcli.batch.plan import Item
from sharpcli.errors import ImageError, SharpError
from sharpcli.files.names import shown
from sharpcli.files.paths import first_bytes, is_file
from sharpcli.files.remote import fetched, is_remote
from sharpcli.files.unsupported import is_clip
from sharpcli.image.codecs.base import SeveralError
from sharpcli.image.image import Image
from sharpcli.image.read import Header, opened
from sharpcli.image.thumbnails import thumbnail
from sharpcli.image.write import encoder_bytes, write_image, written_as
from sharpcli.pipeline.budget import DEFAULT, Ceiling, Need, Room, ceiling, give_back
from sharpcli.pipeline.guard import for_this_machine, with_threads
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import describe_enhancer
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.running import doing

BY_THE_WHOLE = 16
"""Bytes a pixel that a function without an enhancer may need: a few copies of the image."""

BUG = "internal error, please report it"
"""How the reason of a failure begins that is a mistake of ours."""


@dataclass(frozen=True)
class Job:
    """What is done to each image, and how it is written; can be sent to another process.

    `function` is called with an image, `enhancer`, `tile` and `scratch`; `enhancer` is None where it runs none, and
    `upscale` is how much larger it makes the image. `allow` is shown each header before the pixels are read, and
    raises ImageError for an image that is not to be done. Clips are refused unless `clips` says how they are done.
    """

    function: Callable[..., Image]
    enhancer: Enhancer | None = None
    upscale: float = 1
    quality: int | None = None
    strip: bool = False
    thumbnails: bool = False
    memory: int = DEFAULT
    workers: int = 2
    allow: Callable[[Header], object] | None = None
    clips: ClipJob | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of an item: `status` is done, skipped, failed or stopped; `reason` says why, or is a note about it.

    Sizes are (width, height) in pixels; the thumbnails small WebP files of before and after. `frames` are those of a
    clip that were done in this run; None for an image.
    """

    item: Item
    status: str
    reason: str = ""
    size: tuple[int, int] | None = None
    out_size: tuple[int, int] | None = None
    in_bytes: int = 0
    out_bytes: int = 0
    seconds: float = 0.0
    thumbnails: tuple[bytes, bytes] | None = None
    frames: int | None = None

    @property
    def megapixels(self) -> float:
        """Of the result, all its frames; 0 where there is none."""
        if not self.out_size:
            return 0.0
        return self.out_size[0] * self.out_size[1] / 1e6 * (1 if self.frames is None else self.frames)


def do(item: Item, job: Job, watch: Watch | None = None) -> Outcome:
    """Do one image or clip; whatever goes wrong is in the outcome. `watch` is told how far a clip is."""
    began = time.monotonic()
    try:
        with doing(f"processing {shown(item.source)}"):
            outcome = _done(item, job, watch or Watch())
    except StoppedError:
        outcome = Outcome(item, "stopped")
    except SharpError as error:
        outcome = Outcome(item, "failed", str(error))
    except OSError as error:
        outcome = Outcome(item, "failed", f"cannot be read or written ({error.strerror or error})")
    except MemoryError:
        outcome = Outcome(item, "failed", "not enough memory; use fewer --workers")
    # A mistake of ours must not cost the user the rest of the folder; it is named as such.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        outcome = Outcome(item, "failed", f"{BUG} ({reason})")
    return replace(outcome, seconds=time.monotonic() - began)


def _done(item: Item, job: Job, watch: Watch) -> Outcome:
    space = ceiling(job.memory, job.workers)
    enhancer = with_threads(job.enhancer, job.workers) if job.enhancer else None
    with fetched(item.source) as file:
        if job.clips and enhancer and is_file(file) and is_clip(item.source, first_bytes(file)):
            return _clip_done(file, item, job, job.clips, enhancer, space, watch)
        try:
            return _image_done(file, item, job, enhancer, space)
        except SeveralError:
            return _several_done(file, item, job, enhancer, space)


def _several_done(file: Path, item: Item, job: Job, enhancer: Enhancer | None, space: Ceiling) -> Outcome:
    """Do an animation or a file of several pages."""
    folder = _folder(item)
    in_bytes = file.stat().st_size

    def change(image: Image, chosen: Enhancer | None, room: Room) -> Image:
        height, width = image.pixels.shape[:2]
        tile = _tile(space, chosen or enhancer, width, height, job, image.pixels.itemsize > 1)
        decided = {"decided": True} if chosen else {}
        return job.function(image, enhancer=chosen or enhancer, tile=tile, scratch=room.scratch, **decided)

    @contextmanager
    def room(header: Header) -> Iterator[Room]:
        if job.allow:
            job.allow(header)
        with space.room(_need(header, item, job), folder) as found:
            yield found

    done = several_done(
        file, item.target, Way(change, room, enhancer, job.upscale, job.quality, job.strip, job.thumbnails)
    )
    return Outcome(
        item,
        "done",
        "; ".join(done.notes),
        done.size,
        done.out_size,
        in_bytes,
        item.target.stat().st_size,
        thumbnails=done.thumbnails,
        frames=done.count,
    )


def _folder(item: Item) -> Path:
    """Where an image's pixels lie that do not fit into memory."""
    return Path(tempfile.gettempdir()) if is_remote(item.target) else item.target.parent


def _tile(space: Ceiling, enhancer: Enhancer | None, width: int, height: int, job: Job, deep: bool) -> int | None:
    """The side of a tile of an image of these sides before it is enlarged."""
    wide, tall = round(width * job.upscale), round(height * job.upscale)
    return space.tile(enhancer, tall, wide, deep) if enhancer else None


def _clip_done(
    file: Path, item: Item, job: Job, how: ClipJob, enhancer: Enhancer, space: Ceiling, watch: Watch
) -> Outcome:
    if job.strip:  # to keep what was to be removed would be worse than to do nothing
        raise ImageError("is a video clip, of which --strip removes nothing; leave --strip or the clip out")
    in_bytes = file.stat().st_size
    made = do_clip(file, item, enhancer, how, space, watch, upscale=job.upscale, thumbnails=job.thumbnails)
    return Outcome(
        item,
        "done",
        "; ".join(made.notes),
        made.size,
        made.out_size,
        in_bytes,
        item.target.stat().st_size,
        thumbnails=made.thumbnails,
        frames=made.frames,
    )


def _image_done(file: Path, item: Item, job: Job, enhancer: Enhancer | None, space: Ceiling) -> Outcome:
    with opened(file) as source:
        header, in_bytes = source.header, file.stat().st_size
        if job.allow:
            job.allow(header)
        with space.room(_need(header, item, job), _folder(item)) as room:
            _release(enhancer, room)
            image = source.read(room.scratch)
            _release(enhancer, room)
            before = thumbnail(image.pixels, image.mode) if job.thumbnails else b""
            tile = _tile(space, enhancer, header.width, header.height, job, header.depth != 8)
            result = job.function(image, enhancer=enhancer, tile=tile, scratch=room.scratch)
            del image
            _release(enhancer, room)
            lost = write_image(result, item.target, job.quality, job.strip, room.scratch, header.format)
            after = thumbnail(result.pixels, result.mode) if job.thumbnails else b""
            height, width = result.pixels.shape[:2]
            notes = "; ".join((*result.notes, *lost))
            del result  # its pixels may lie in the room
    return Outcome(
        item,
        "done",
        notes,
        (header.width, header.height),
        (width, height),
        in_bytes,
        item.target.stat().st_size,
        thumbnails=(before, after) if job.thumbnails else None,
    )


def _release(enhancer: Enhancer | None, room: Room) -> None:
    """Before and after a coder needs all there is, let go of what is kept to make the next image quicker."""
    if room.tight:
        if enhancer:
            enhancer.free_memory()
        give_back()


def _need(header: Header, item: Item, job: Job) -> Need:
    """What an image asks of memory, read from its header alone."""
    before = header.width * header.height
    after = round(before * job.upscale**2)
    if after >= 1 << 31:
        raise ImageError(f"has {before / 1e6:.0f} megapixels according to its header, more than the limit")
    format = written_as(item.target, header.format)
    longest = round(max(header.width, header.height) * job.upscale)
    if longest > format.side:
        raise ImageError(
            f"would be {longest} pixels on a side; {format.name} supports at most {format.side}; use --format png"
        )
    sample = len(header.mode) * header.depth // 8
    encoder = encoder_bytes(format.name, header.mode, header.depth, after)
    if format.name == header.format == "JPEG":
        # A progressive one stays so, and its coefficients take as much when it is written.
        encoder += round(header.coefficients * job.upscale**2)
    coders = max(header.decoder_bytes, encoder)
    whole = (
        BY_THE_WHOLE
        if job.enhancer is None
        else job.enhancer.bytes_per_pixel
        if job.enhancer.receptive_radius is None
        else 0
    )
    # The result counts twice, since PNG and TIFF are put together beside it.
    return Need((before + 2 * after) * sample, coders, after * whole)


def sharpening(enhancer: Enhancer, upscale: float = 1, strength: float = 1) -> tuple[Job, dict[str, Any]]:
    """The job of sharpening images, with the settings that make its results what they are."""
    # Settled here, so that a folder that is finished on another machine, or by several, is of one kind.
    chosen = for_this_machine(enhancer)
    job = Job(partial(sharpen, upscale=upscale, strength=strength), chosen, upscale)
    return job, {"command": "enhance", **describe_enhancer(chosen), "upscale": upscale, "strength": strength}


def written(
    job: Job, settings: Mapping[str, Any], *, format: str | None, quality: int | None = None, strip: bool = False
) -> tuple[Job, dict[str, Any]]:
    """A job and its settings with how the results are written; see `write_image`."""
    output = {"format": format, "quality": quality, "strip": strip}
    return replace(job, quality=quality, strip=strip), {**settings, **output}
