"""Images and drawings of kinds that are not read, and clips where images are read: named with what to do instead.

To pass over them in silence would look like success.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from sharpcli.files import clips
from sharpcli.files.formats import FORMATS, HEIC, NAMED, READ_ONLY, begins, format_of

RAW = {
    "Canon": ("cr2", "cr3", "crw"),
    "Nikon": ("nef", "nrw"),
    "Sony": ("arw", "srf", "sr2"),
    "Fujifilm": ("raf",),
    "Olympus": ("orf", "ori"),
    "Panasonic": ("rw2",),
    "Leica": ("rwl",),
    "Pentax": ("pef", "ptx"),
    "Samsung": ("srw",),
    "Sigma": ("x3f",),
    "Hasselblad": ("3fr", "fff"),
    "Phase One": ("iiq", "cap"),
    "Leaf": ("mos",),
    "Mamiya": ("mef",),
    "Minolta": ("mrw",),
    "Kodak": ("dcr", "kdc", "dcs", "k25"),
    "Epson": ("erf",),
    "GoPro": ("gpr",),
    "Casio": ("bay",),
    "": ("raw", "dng"),
}
"""Endings of RAW files by the maker whose cameras write them; RAW files that begin as TIFFs do are told in `raw`."""

UNSURE = {"raw", "cap", "bay", "ori", "ptx", "k25", "dcs", "hdr", "fit", "fts", "cur", "vst", "vda", "icb"}
"""Endings that other files have as well: of these only the bytes tell."""

MAKERS = {ending: maker for maker, endings in RAW.items() for ending in endings}

RAW_BEGINS = {
    "cr3": rb"\0\0.{2}ftypcrx ",
    "crw": rb"(?:II|MM).{4}HEAPCCDR",
    "raf": rb"FUJIFILMCCD-RAW",
    "orf": rb"IIR[OS]\x08\0|MMOR\0\0",
    "rw2": rb"IIU\0",
    "x3f": rb"FOVb.\0.\0",
    "mrw": rb"\0MRM",
}
"""How those begin that do not begin as TIFFs do."""


@dataclass(frozen=True)
class Kind:
    """What such files are, with an article; how they are called and how they begin (a regular expression)."""

    what: str
    endings: tuple[str, ...] = ()
    begins: bytes = b""
    remedy: str = f"save it as {NAMED}"

    def __str__(self) -> str:
        return f"is {self.what}, which is not supported; {self.remedy}"


CLIP = "is a video clip, and only still images are taken here; `sharpcli enhance` takes clips too"

KINDS = (
    Kind("HEIF with H.264 inside", ("avci",), rb"\0\0.{2}ftypavc[is]"),
    Kind("JPEG XL", ("jxl",), rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
    Kind("JPEG 2000", ("jp2", "j2k", "jpf", "jpx", "j2c", "jpc"), rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
    Kind("JPEG XR", ("jxr", "wdp", "hdp"), rb"II\xbc\x01"),
    Kind("JPEG-LS", ("jls",), rb"\xff\xd8\xff\xf7"),
    Kind("a Photoshop file", ("psd", "psb"), rb"8BPS\0[\x01\x02]"),
    Kind("a GIMP file", ("xcf",), rb"gimp xcf"),
    Kind("an OpenEXR image", ("exr",), rb"v/1\x01"),
    Kind("a Radiance HDR image", ("hdr",), rb"#\?(?:RADIANCE|RGBE)"),
    Kind("an SVG drawing", ("svg", "svgz"), rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!(?:--.*?--|DOCTYPE svg[^>]*)>\s*)*<svg\s"),
    Kind(
        "a PNM image",
        ("ppm", "pgm", "pbm", "pnm", "pam", "pfm"),
        rb"P[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+\d+\s|P7\s+(?:#|WIDTH)|P[Ff]\s\d+\s+\d+\s",
    ),
    Kind("a Targa image", ("tga", "icb", "vda", "vst")),
    Kind("an icon", ("ico", "cur", "icns"), rb"\0\0[\x01\x02]\0[\x01-\x20]\0.{3}\0|icns\0"),
    Kind("a PCX image", ("pcx",), rb"\x0a[\x00-\x05]\x01[\x01\x02\x04\x08]"),
    Kind("an SGI image", ("sgi",), rb"\x01\xda[\0\x01][\x01\x02]\0[\x01-\x03]"),
    Kind("a DDS texture", ("dds",), rb"DDS \x7c\0\0\0"),
    Kind("a QOI image", ("qoi",), rb"qoif\0"),
    Kind("a FITS image", ("fits", "fit", "fts"), rb"SIMPLE  ="),
    Kind("a DICOM image", ("dcm", "dicom"), rb".{128}DICM"),
    Kind("a BPG image", ("bpg",), rb"BPG\xfb"),
    Kind("a FLIF image", ("flif",), rb"FLIF[1-d][0-2]"),
)

ENDINGS = {*MAKERS, *clips.ENDINGS, *(ending for kind in KINDS for ending in kind.endings)} - UNSURE - clips.BY_TEXT_TOO
"""What such files are called."""


def raw(ending: str) -> str:
    """Why a RAW file, of the kind that has this ending, is not taken."""
    what = {"dng": "a digital negative, a RAW file (DNG)", "raw": "a camera's RAW file"}
    named = what.get(ending) or f"a {MAKERS[ending]} RAW file ({ending.upper()})"
    return str(Kind(named, remedy="export it as TIFF or JPEG first"))


def reason(head: bytes) -> str:
    """Why a file that begins so is not taken; empty where no such kind is known."""
    for ending, pattern in RAW_BEGINS.items():
        if begins(pattern, head):
            return raw(ending)
    known = next((str(kind) for kind in KINDS if begins(kind.begins, head)), "")
    return known or (CLIP if clips.container_of(head) else "")


def reason_called(ending: str) -> str:
    """Why a file of this ending is not taken, where such files have no beginning of their own; else empty."""
    if ending in UNSURE:
        return ""
    if ending in MAKERS:
        return raw(ending)
    return next((str(kind) for kind in KINDS if ending in kind.endings and not kind.begins), "")


def is_clip(path: PurePath, head: bytes) -> bool:
    """Whether a file that begins so is a clip, or is called one while its bytes tell nothing else."""
    if clips.container_of(head):
        return True
    known = format_of(head) is not None or begins(HEIC, head) or bool(reason(head))
    return clips.called_a_clip(path) and not known


def called_an_image(ending: str) -> bool:
    """Whether images or clips are called so, be they of a kind that is read or not."""
    return ending in FORMATS or ending in READ_ONLY or ending in ENDINGS


def looks_like_an_image(head: bytes) -> bool:
    """Whether an image or a clip begins so, be it of a kind that is read or not."""
    return format_of(head) is not None or begins(HEIC, head) or bool(reason(head))
