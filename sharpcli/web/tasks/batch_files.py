"""The files of a visitor's batch: what became of each, and the pictures that are shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import SharpError
from sharpcli.image.codecs.base import SeveralError
from sharpcli.image.read import opened, read_image
from sharpcli.image.thumbnails import small
from sharpcli.web.tasks.archive import link

if TYPE_CHECKING:
    from sharpcli.batch.plan import Item

SCREEN = (1600, 1600)
"""Most pixels of a picture that is looked at on a screen, width and height."""
QUALITY = 85


@dataclass
class BatchFile:
    """A file that is planned; `name` is its path below the uploads, `row` as in `report.row` once it is over.

    `pictures` is the folder of what the page shows of it.
    """

    name: str
    source: Path
    target: Path
    pictures: Path
    megapixels: float = 0.0
    row: dict[str, Any] | None = None

    @property
    def done(self) -> bool:
        """Whether there is a result."""
        return self.row is not None and self.row["status"] == "done"

    @property
    def failed(self) -> bool:
        """Whether it was tried in vain."""
        return self.row is not None and self.row["status"] == "failed"

    @property
    def download(self) -> Path:
        """The result once more, under a name other than the original's: a browser saves it under the file's own."""
        return self.pictures / f"{self.target.stem}-sharp{self.target.suffix}"

    @property
    def thumbnails(self) -> tuple[Path, Path]:
        """The small WebP files of before and after."""
        return self._pair("small")

    def show(self, thumbnails: tuple[bytes, bytes]) -> None:
        """Write what the page shows of a result at once; raises OSError."""
        self.pictures.mkdir(parents=True)
        for path, content in zip(self.thumbnails, thumbnails, strict=True):
            path.write_bytes(content)
        link(self.target, self.download)

    def on_screen(self) -> tuple[Path, Path]:
        """WebP files of before and after that fill a screen; the thumbnails for a file of several frames.

        Raises SharpError when the files are deleted.
        """
        pair = self._pair("large")
        try:
            for path, file in zip(pair, (self.source, self.target), strict=True):
                if not path.is_file():
                    _write_screen_copy(file, path)
        except SeveralError:
            return self.thumbnails
        return pair

    def _pair(self, size: str) -> tuple[Path, Path]:
        return self.pictures / f"{size}-before.webp", self.pictures / f"{size}-after.webp"


def files_of(items: Sequence[Item], given: Path, pictures: Path) -> dict[Item, BatchFile]:
    """The files of these items, named from the folder `given` on, each with its megapixels where it has a header."""
    return {
        item: BatchFile(
            item.source.relative_to(given).as_posix(),
            item.source,
            item.target,
            pictures / str(number),
            _megapixels(item.source),
        )
        for number, item in enumerate(items)
    }


def _megapixels(path: Path) -> float:
    try:
        with opened(path) as source:
            return source.header.width * source.header.height / 1e6
    except SharpError:  # of several frames, or it fails in its turn and says why
        return 0.0


def _write_screen_copy(source: Path, target: Path) -> None:
    image = read_image(source)
    # The numbers of inks are made RGB, of which their profile does not speak.
    profile = image.metadata.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    copy = small(image.pixels, image.mode, SCREEN)
    copy.save(target, "WEBP", quality=QUALITY, method=2, **({"icc_profile": profile} if profile else {}))
