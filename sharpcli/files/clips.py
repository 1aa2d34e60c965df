"""The containers of video clips: how such files are called, how they begin, and which of them are written."""

from __future__ import annotations

import re
from pathlib import PurePath

from sharpcli.files.formats import ending_of

WRITTEN = ("mp4", "mov", "mkv", "webm", "avi", "ts")
"""The endings that a user chooses a container of results by."""

PIPED = ("y4m", "nut")
"""Those of clips that pass through pipes uncompressed: standard input and output take them, folders do not."""

ALSO_WRITTEN = ("m4v",)
"""What else files of these containers are called."""

READ_ONLY = (
    *("qt", "3gp", "3g2", "insv", "lrv", "wmv", "asf", "mpg", "mpeg", "m2v", "vob", "mts", "m2ts", "flv", "ogv"),
    *PIPED,
)
"""Endings of clips that are read and not written: these need --format."""

ENDINGS = frozenset((*WRITTEN, *ALSO_WRITTEN, *READ_ONLY))

BY_TEXT_TOO = frozenset({"ts"})
"""Endings that other files have as well (TypeScript): of these only the bytes tell."""

KINDS = (
    ("mov", rb"\0\0.{2}ftypqt  |[\0-\x08].{3}(?:moov|mdat|wide|pnot|free|skip)"),
    # ISO's container but for its sounds, its images and Canon's RAW files.
    ("mp4", rb"\0\0.{2}ftyp(?!M4[ABP] |F4[AB] |crx |avc[is]|avi[fs]|hei[cmsx]|hev[cmsx]|mi[fa][12f]|msf1)"),
    ("webm", rb"\x1aE\xdf\xa3.{1,60}?\x42\x82.{1,8}?webm"),
    ("mkv", rb"\x1aE\xdf\xa3"),
    ("avi", rb"RIFF.{4}AVI "),
    ("ts", rb"G(?!IF8[79]a).{187}G.{187}G"),
    ("m2ts", rb".{4}G.{191}G.{191}G"),
    ("mpg", rb"\0\0\x01[\xba\xb3]"),
    ("flv", rb"FLV\x01"),
    ("y4m", rb"YUV4MPEG2[ \n]"),
    ("nut", rb"nut/multimedia container\0"),
)
"""Ending and first bytes (a regular expression) of each container, in this order.

ASF and Ogg are told by their endings alone: files of sounds begin alike.
"""


def container_of(head: bytes) -> str:
    """The ending of the container that begins so (see HEAD); empty where it is none."""
    return next((ending for ending, pattern in KINDS if re.match(pattern, head, re.DOTALL)), "")


def called_a_clip(path: PurePath) -> bool:
    """Whether a file's name says that it is a clip, and nothing else."""
    return ending_of(path) in ENDINGS - BY_TEXT_TOO


def called_a_container(path: PurePath) -> bool:
    """Whether a file of this name would be written as a clip."""
    return ending_of(path) in ENDINGS
