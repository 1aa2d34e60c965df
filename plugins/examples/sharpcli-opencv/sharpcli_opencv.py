"""OpenCV's super-resolution networks (`cv2.dnn_superres`) as an enhancer, each from a .pb file of the user's."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.plugin import Enhancer, SharpError, hookimpl, option

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL = "SHARPCLI_OPENCV_MODEL"
"""Environment variable: the file to use where the option `model` gives none."""
AUTO = "auto"
ALGORITHMS = ("edsr", "espcn", "fsrcnn", "lapsrn")
REACHES = {"espcn": 4, "fsrcnn": 8}
"""How far the published networks look, in small pixels; of FSRCNN the wider form, whose last layer is the paper's."""

# A network of OpenCV keeps what it computes in itself, and two that are the first of a process spoil each other while
# they are made. One call uses all cores anyway.
LOCK = threading.Lock()


class OpenCV(Enhancer):
    """Works at the small size that an image was enlarged from, as OpenCV's own `upsample` would."""

    name = "opencv"
    summary = "OpenCV's super-resolution networks (EDSR, ESPCN, FSRCNN, LapSRN), from your own .pb file"
    bytes_per_pixel = 320
    model: str = option(
        os.environ.get(MODEL, ""), f"path of the .pb file, such as FSRCNN_x2.pb (or set {MODEL})", kind="path"
    )
    algorithm: str = option(AUTO, "architecture; auto = from the file name", choices=(AUTO, *ALGORITHMS))
    scale: int = option(0, "scale of the network; 0 = from the file name", min=0, max=8)

    @property
    def tile_multiple(self) -> int:  # type: ignore[override]
        """One pixel of the small image."""
        return max(1, self._kind()[1])

    @property
    def receptive_radius(self) -> int | None:  # type: ignore[override]
        """That of the networks which were measured; others are given the whole image."""
        algorithm, scale = self._kind()
        if not scale or algorithm not in REACHES:
            return None
        from sharpcli.inference import receptive_radius_at_native_scale

        return receptive_radius_at_native_scale(scale, REACHES[algorithm])

    def weight_files(self) -> tuple[Path, ...]:
        """The network's file; raises SharpError where none is given, or nobody says what it is."""
        return (self._file(),)

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """What OpenCV makes of the small image; raises SharpError for a file that is no such network."""
        from sharpcli.inference import at_native_scale

        file = self._file()
        algorithm, scale = self._kind()
        return at_native_scale(pixels, scale, partial(_enlarged, file=file, algorithm=algorithm, scale=scale))

    def free_memory(self) -> None:
        """Let go of the networks, which keep the intermediate results of the last image."""
        with LOCK:
            _network.cache_clear()

    def _file(self) -> Path:
        file = Path(self.model).expanduser()
        if not (self.model and file.is_file()):
            wrong = f"finds no file {self.model!r}" if self.model else "needs the file of a network"
            raise SharpError(f"enhancer opencv {wrong}; give one with -O model=FSRCNN_x2.pb, or in {MODEL}")
        algorithm, scale = self._kind()
        if not (algorithm and scale):
            unsaid = f"the name of {file.name!r} does not say what it is"
            raise SharpError(f"{unsaid}; give -O algorithm=fsrcnn -O scale=2, or what it is")
        return file

    def _kind(self) -> tuple[str, int]:
        """The algorithm and the scale, as given or as the file is called; empty and 0 where nobody says."""
        named = re.match(rf"({'|'.join(ALGORITHMS)}).*_x(\d)\.pb$", Path(self.model).name, re.IGNORECASE)
        algorithm, scale = (named[1].lower(), int(named[2])) if named else ("", 0)
        return algorithm if self.algorithm == AUTO else self.algorithm, self.scale or scale


def _enlarged(small: NDArray[Any], file: Path, algorithm: str, scale: int) -> NDArray[Any]:
    """Enlarge h x w x 3 float32 in [0, 1], rounded to the bytes in blue, green, red that OpenCV takes."""
    import numpy as np

    levels = np.ascontiguousarray(np.rint(small[..., ::-1] * 255).astype(np.uint8))
    with LOCK:
        large = _network(file, algorithm, scale, file.stat().st_mtime_ns).upsample(levels)
    result: NDArray[Any] = np.divide(large[..., ::-1], 255, dtype=np.float32)
    return result


@lru_cache(maxsize=2)
def _network(file: Path, algorithm: str, scale: int, changed: int) -> Any:
    """What OpenCV makes of a file that was last changed at that time; raises SharpError when it cannot run it."""
    try:
        import cv2
        from cv2 import dnn_superres
    except ImportError as error:
        needed = "pip install opencv-contrib-python-headless (opencv-python has no dnn_superres)"
        raise SharpError(f"enhancer opencv needs OpenCV with its contributed modules: {needed}") from error
    import numpy as np

    remedy = "give a .pb file made for cv2.dnn_superres, and its own algorithm and scale"
    loud = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        network = dnn_superres.DnnSuperResImpl_create()  # type: ignore[attr-defined]
        network.readModel(str(file))
        network.setModel(algorithm, scale)
        made = network.upsample(np.zeros((16, 16, 3), np.uint8)).shape
    except cv2.error as error:
        raise SharpError(f"OpenCV cannot run {file.name!r} as {algorithm} at scale {scale}; {remedy}") from error
    finally:
        cv2.utils.logging.setLogLevel(loud)
    if made != (16 * scale, 16 * scale, 3):
        raise SharpError(f"{file.name!r} enlarges {made[0] / 16:g} times, not {scale}; {remedy}")
    return network


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """One enhancer for every such network."""
    return [OpenCV]
