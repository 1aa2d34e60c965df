"""What a folder holds is told by its bytes where the names of its files do not tell."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.files import clips
from sharpcli.files.formats import HEAD, TABLE, format_of
from sharpcli.files.paths import first_bytes
from sharpcli.files.unsupported import CLIP, ENDINGS, KINDS, is_clip, looks_like_an_image, reason
from sharpcli.files.walk import walk
from tests.helpers import raw_files


def found(top, recursive=True):
    """Names of the images in a folder, and what could not be read."""
    unreadable = []
    walked = walk(top, recursive=recursive, glob=("*",), exclude=(), outputs=(), unreadable=unreadable)
    return [str(here / name) for here, names in walked for name in names], unreadable


def encoded(name, photo, **options):
    stream = io.BytesIO()
    PILImage.fromarray(photo[:32, :32]).save(stream, name, **options)
    return stream.getvalue()


ODD_NAMES = [
    "photo",
    "IMG_1.jpg_original",
    "scan.2024",
    "b.dat",
    "c.JFIF",
    "d.jpe",
    "e.jif",
    "f.dib",
    "g.apng",
    "h.txt",
]


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF"])
def test_an_image_is_found_whatever_it_is_called(tmp_path, photo, name):
    for odd in ODD_NAMES:
        (tmp_path / odd).write_bytes(encoded(name, photo))
    assert sorted(found(tmp_path)[0]) == sorted(ODD_NAMES)
    assert format_of(encoded(name, photo)[:HEAD]) is TABLE[name]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes", b"P1 is the first point of the plan, BMW the second, and the third is citywide\n"),
        ("a.xmp", b'<?xpacket begin="\xef\xbb\xbf"?><x:xmpmeta><svg:rect/></x:xmpmeta>'),
        ("a.json", b'{"GIF89a": 1}'),
        ("a.csv", b"II,MM,BM\n"),
        ("a.html", b"<!DOCTYPE html><html><body><svg></svg></body></html>"),
        ("a.aae", b'<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"><plist></plist>'),
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.zip", b"PK\x03\x04"),
        ("a.wav", b"RIFF\x24\0\0\0WAVEfmt "),
        ("a.m4a", b"\0\0\0\x20ftypM4A \0\0\0\0"),
        ("a.mp3", b"ID3\x04"),
        ("a.onnx", b"\x08\x08\x12\x07pytorch"),
        ("a.hdr", b"ENVI\nsamples = 100\n"),
        ("a.ts", b"export const G = 1;\n" * 50),
        ("empty", b""),
        ("Thumbs.db", b"\xff\xd8\xff\xe0"),
    ],
)
def test_what_is_no_image_stays_silent(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert found(tmp_path) == ([], [])


@given(st.text())
def test_no_text_passes_for_an_image_that_can_be_read(text):
    assert format_of(text.encode()[:HEAD]) is None


CLIPS = {
    "MP4": b"\0\0\0\x18ftypmp42\0\0\0\0isom",
    "QuickTime": b"\0\0\0\x14ftypqt  \0\0\0\0",
    "old QuickTime": b"\0\0\0\x08wide\0\0\0\0mdat",
    "Matroska": b"\x1aE\xdf\xa3\x01\0\0\0",
    "AVI": b"RIFF\x24\0\0\0AVI LIST",
    "MPEG": b"\0\0\x01\xba\x44",
    "MPEG-TS": (b"G" + bytes(187)) * 3,
}


@pytest.mark.parametrize("content", CLIPS.values(), ids=CLIPS)
def test_a_clip_among_images_is_listed_by_its_bytes(tmp_path, content):
    (tmp_path / "clip").write_bytes(content)
    assert found(tmp_path)[0] == ["clip"]
    assert reason(content) == CLIP


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
HEICS = {
    "HEIC": HEIC,
    "Canon's HIF": b"\0\0\0\x1cftypheix\0\0\0\0mif1heix",
    "mif1": b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
}


@pytest.mark.parametrize("content", HEICS.values(), ids=HEICS)
def test_a_heic_is_an_image_and_no_clip(tmp_path, content):
    (tmp_path / "odd").write_bytes(content)
    assert found(tmp_path)[0] == ["odd"]
    assert not is_clip(Path("a.mp4"), content)


ODD = {
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n",
    "JPEG XL codestream": b"\xff\x0a\xfa\x1f",
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "Photoshop": b"8BPS\0\x01" + bytes(8),
    "OpenEXR": b"v/1\x01\x02\0\0\0",
    "Radiance": b"#?RADIANCE\n",
    "SVG": b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg">',
    "CR3": raw_files.CR3,
    "RAF": raw_files.RAF,
    "ORF": raw_files.ORF,
    "RW2": raw_files.RW2,
    "X3F": raw_files.X3F,
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_an_image_of_a_kind_that_is_not_read_is_listed_by_its_bytes(tmp_path, content):
    (tmp_path / "odd").write_bytes(content)
    assert found(tmp_path)[0] == ["odd"]
    assert "which is not supported; " in reason(content)
    assert format_of(content) is None


@pytest.mark.parametrize("name", ["a.nef", "a.HEIC", "a.tga", "a.mp4", "a.gif", "a.jpg"])
def test_a_name_is_enough_to_be_listed(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert found(tmp_path)[0] == [name]


def test_no_file_is_opened_whose_name_tells(tmp_path, monkeypatch):
    for index in range(20):
        (tmp_path / f"{index}.{'jpg' if index % 2 else 'cr2'}").write_bytes(b"")
    (tmp_path / "photo").write_bytes(HEIC)
    opened = []
    monkeypatch.setattr("sharpcli.files.walk.first_bytes", lambda path: opened.append(path.name) or first_bytes(path))
    assert len(found(tmp_path)[0]) == 21
    assert opened == ["photo"]


def test_a_file_that_cannot_be_looked_into_is_listed(tmp_path, monkeypatch):
    (tmp_path / "closed").write_bytes(HEIC)
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")

    def refused(path: Path):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return first_bytes(path)

    monkeypatch.setattr("sharpcli.files.walk.first_bytes", refused)
    assert found(tmp_path) == ([], [(tmp_path / "closed", "cannot be read (Permission denied)")])


def test_every_ending_is_of_one_kind_only():
    endings = [ending for kind in KINDS for ending in kind.endings] + sorted(clips.ENDINGS)
    assert len(endings) == len(set(endings))
    assert not ENDINGS & {ending for format in TABLE.values() for ending in (*format.endings, *format.also)}


def test_a_photo_keeps_its_format_whatever_it_is_called(tmp_path, photo, sharpcli):
    """The ending decides, and where it stands for no format the input's own."""
    source = tmp_path / "in"
    source.mkdir()
    names = {"a": "JPEG", "b.jfif": "JPEG", "c.dat": "PNG", "d.jpg": "PNG", "e.dib": "BMP", "f.jpg": "WEBP"}
    for name, format in names.items():
        (source / name).write_bytes(encoded(format, photo))
    assert sharpcli("enhance", source, "-o", tmp_path / "out", "-e", "bicubic").exit_code == 0
    written = {path.name: PILImage.open(path).format for path in (tmp_path / "out").glob("[!.]*")}
    assert written == names | {"d.jpg": "JPEG", "f.jpg": "JPEG"}
    assert sharpcli("enhance", source, "-o", tmp_path / "webp", "-e", "bicubic", "--format", "webp").exit_code == 0
    assert {path.name for path in (tmp_path / "webp").glob("[!.]*")} == {
        *("a.webp", "b.webp", "c.dat.webp", "d.webp", "e.webp", "f.webp")
    }


def test_each_file_that_cannot_be_taken_is_a_line_and_the_exit_code_tells(tmp_path, photo, sharpcli):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(encoded("PNG", photo))
    (tmp_path / "in" / "notes.txt").write_text("nothing to see")
    (tmp_path / "in" / "b").write_bytes(raw_files.CR3)
    (tmp_path / "in" / "c.mov").write_bytes(CLIPS["QuickTime"])
    (tmp_path / "in" / "d.hif").write_bytes(b"\xff\x0a" + bytes(30))
    raw_files.camera_tiff(tmp_path / "in" / "e.tif", "NIKON CORPORATION", below=True)
    done = sharpcli("enhance", tmp_path / "in", "-o", tmp_path / "out", "-e", "bicubic")
    assert done.exit_code == 1
    lines = [line.rpartition("/in/")[2] for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert [line.partition(",")[0] for line in lines] == [
        "b: is a Canon RAW file (CR3)",
        "c.mov: is damaged",
        "d.hif: is JPEG XL",
        "e.tif: is a Nikon RAW file (NEF)",
    ]
    assert done.stdout.startswith("1 done, 4 failed")
    rest = ("--exclude", "b", "--exclude", "*.mov", "--exclude", "*.hif", "--exclude", "*.tif")
    assert sharpcli("enhance", tmp_path / "in", "-o", tmp_path / "out", "-e", "bicubic", *rest).exit_code == 0


def test_a_picture_of_a_pixel_is_an_image_too():
    stream = io.BytesIO()
    PILImage.fromarray(np.zeros((1, 1), np.uint8)).save(stream, "BMP")
    assert looks_like_an_image(stream.getvalue())
