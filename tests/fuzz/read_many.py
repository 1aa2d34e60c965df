"""Reads many damaged files in a process of its own, which may die of them: one line about each on stdout.

Run as `python -m tests.fuzz.read_many FIRST LAST FOLDER`. A line begins with the number before the file is read
and ends with what came of it, so that the last line of a dead process names the file that killed it.
"""

import faulthandler
import os
import resource
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np

from sharpcli.batch.job import Job, do
from sharpcli.batch.plan import Item
from sharpcli.errors import ImageError
from sharpcli.files.formats import FORMATS, TABLE
from sharpcli.image.codecs.base import SeveralError
from sharpcli.image.read import opened, read_image
from sharpcli.image.write import write_image
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import seeds
from tests.fuzz.strict import objection

SECONDS = 20
MEMORY = 2 << 30
PIXELS = 50_000_000
LOSSLESS = ("PNG", "TIFF", "BMP")


def verdict(path):
    """What came of one file, in one line; an exception that is no ImageError passes through."""
    try:
        with opened(path) as source:
            header = source.header
            if header.width * header.height > PIXELS or header.decoder_bytes > MEMORY // 4:
                return "large"
            image = source.read()
    except SeveralError:
        return of_several(path)
    except ImageError as error:
        return refused(error)
    assert image.pixels.shape == (header.height, header.width, len(header.mode)), "not the size of the header"
    assert image.pixels.dtype == {8: np.uint8, 16: np.uint16}[header.depth], "not the depth of the header"
    assert image.mode == header.mode
    came, lost = written(image, header.format, path.parent)
    if notes := (*image.notes, *lost):
        return f"noted: {'; '.join(notes)}" if came == "read" else came
    assert came != "read" or not (words := objection(path.read_bytes())), f"read without a note; libvips: {words}"
    return came


def refused(error):
    """The line of a refusal."""
    assert str(error).strip(), "a refusal without words"
    assert str(error).isprintable(), f"a refusal of several lines, or with codes for the screen: {str(error)!r}"
    return f"refused: {error}"


def of_several(path):
    """What came of a file of several frames or pages, which is done as a batch does it, without an enhancer."""
    item, before = Item(path, path.with_name(f"out{path.suffix}")), sorted(path.parent.iterdir())
    outcome = do(item, Job(lambda image, **_: image, memory=MEMORY // 4))
    if outcome.status == "failed":
        assert "internal error" not in outcome.reason, outcome.reason
        assert sorted(path.parent.iterdir()) == before, "a failed write left a file"
        return refused(outcome.reason)
    assert outcome.frames
    return f"noted: {outcome.reason}" if outcome.reason else "read"


def written(image, name, folder):
    """Write what was read to a file of its kind, where that holds it, and read that again; notes of what is lost."""
    if image.pixels.size > 1 << 21:
        return "read", ()
    if image.mode not in TABLE[name].modes:
        name = "TIFF"
    target = folder / f"out.{next(ending for ending, format in FORMATS.items() if format == name)}"
    before = sorted(folder.iterdir())
    try:
        lost = write_image(image, target)
    except ImageError as error:
        assert sorted(folder.iterdir()) == before, "a failed write left a file"
        return f"unwritable: {error}", ()
    assert sorted(folder.iterdir()) == sorted([*before, target]), "a write left another file"
    again = read_image(target)
    target.unlink()
    if (name, again.mode, image.mode) == ("WEBP", "RGB", "RGBA"):  # which has no alpha that hides nothing
        assert image.pixels[..., 3].min() == 255
    else:
        assert again.pixels.shape == image.pixels.shape and again.mode == image.mode
    if name in LOSSLESS:
        np.testing.assert_array_equal(again.pixels, image.pixels)
    return "read", lost


def main(first, last, folder):
    out, complaints = (os.fdopen(os.dup(stream), "w", buffering=1) for stream in (1, 2))
    files = seeds()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a C library says reaches neither sys.stderr nor a filter of warnings.
    with tempfile.TemporaryFile(dir=folder) as spoken:
        for stream in (1, 2):
            os.dup2(spoken.fileno(), stream)
        for number in range(first, last):
            line = line_of(number, files, folder, out, complaints)
            sys.stdout.flush()
            sys.stderr.flush()
            if size := os.fstat(spoken.fileno()).st_size:
                words = os.pread(spoken.fileno(), 500, 0).decode(errors="replace")
                os.ftruncate(spoken.fileno(), 0)
                os.lseek(spoken.fileno(), 0, os.SEEK_SET)
                line = f"FAILED with {size} bytes on the screen: {' | '.join(words.splitlines())} after {line}"
            print(line, file=out, flush=True)


def line_of(number, files, folder, out, complaints):
    """Read mutation `number`; what there is to tell of it."""
    name, data = mutated(number, files)
    with tempfile.TemporaryDirectory(dir=folder) as own:
        path = Path(own) / name
        path.write_bytes(data)
        print(number, name, end=" ", file=out, flush=True)
        faulthandler.dump_traceback_later(SECONDS, exit=True, file=complaints)
        try:
            return verdict(path)
        except BaseException:
            return "FAILED " + " | ".join(traceback.format_exc().splitlines()[-7:])
        finally:
            faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
