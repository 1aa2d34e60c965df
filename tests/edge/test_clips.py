"""Clips sharpened in the tab, read back with PyAV: WebCodecs, mediabunny, WebGPU on its software renderer."""

import base64

import av
import numpy as np
import pytest

from sharpcli.inference.runtime import load_network
from sharpcli.video.planes import plane
from tests.edge.networks import WEIGHTS, put_networks
from tests.edge.static_page import WEBGPU
from tests.edge.wasm_page import opened, pages_in
from tests.helpers.full_clips import CHAPTERS, full_clip, shown_at
from tests.web.conftest import FLAGS

NETWORK = "student-live-x2-int8"
QUARTER = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
"""A display matrix: turned by 90 degrees."""
UNEVEN = [0, 512, 1024, 1536, 2560, 3072, 4096, 4608, 5120, 6144, 6656, 7168]
SIZE = (160, 96)
CLIPS = {
    "h264.mp4": {
        "times": UNEVEN,
        "matrix": QUARTER,
        "tags": {"title": "Zug"},
        "texts": "mov_text",
        "chapters": CHAPTERS,
        "size": SIZE,
    },
    "vp9.webm": {"codec": "libvpx-vp9", "sounds": (("libopus", "deu"),), "size": SIZE},
    "av1.mp4": {"codec": "libsvtav1", "sounds": (("libopus", "deu"),), "start": 0.5, "size": SIZE},
    "odd.mkv": {
        "codec": "libvpx",
        "sounds": (("libopus", "deu"), ("flac", "eng")),
        "texts": "subrip",
        "attachment": ("a.ttf", "font/ttf", b"abcdef"),
        "size": (97, 65),
    },
}
NOTES = {
    "h264.mp4": ["Its subtitles are not carried over.", "Its chapters are not carried over."],
    "odd.mkv": ["Its subtitles are not carried over."],
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = pages_in(tmp_path_factory.mktemp("pages"))
    put_networks(folder / "networks", NETWORK)
    for name, settings in CLIPS.items():
        full_clip(folder / name, 12, **settings)
    whole = (folder / "vp9.webm").read_bytes()
    (folder / "cut.webm").write_bytes(whole[: len(whole) // 2])
    (folder / "text.mp4").write_bytes(b"This is no clip. " * 100)
    with opened(folder, "clips.html", [*(flag for flag in FLAGS if flag != "--disable-gpu"), *WEBGPU]) as page:
        page.folder = folder
        yield page


def sharpened(page, clip, **asked):
    return page.evaluate("(asked) => sharpen(asked)", {"clip": clip, "profile": "x2", **asked})


def lumas(path):
    with av.open(str(path)) as container:
        return [plane(frame) for frame in container.decode(video=0)]


def sounds(path):
    """Codec, language and packets of each audio track: the bytes, and when."""
    with av.open(str(path)) as container:
        found = {
            one.index: (one.codec_context.name, one.metadata["language"], [], []) for one in container.streams.audio
        }
        for packet in container.demux(*container.streams.audio):
            if packet.size:
                found[packet.stream_index][2].append(bytes(packet))
                found[packet.stream_index][3].append(float(packet.pts * packet.time_base))
        return list(found.values())


def attachments(path):
    with av.open(str(path)) as container:
        return [(one.name, one.data) for one in container.streams if one.type == "attachment"]


def mean_psnr(some, others):
    errors = [np.mean((one.astype(float) - other) ** 2) for one, other in zip(some, others, strict=True)]
    return float(np.mean(10 * np.log10(255**2 / np.array(errors))))


@pytest.mark.parametrize("name", CLIPS)
def test_a_clip_is_what_python_makes_of_its_luma_and_keeps_all_else(page, name, tmp_path):
    # Where there is no graphics device, WebAssembly does it.
    told = sharpened(page, name, backend="wasm" if name == "odd.mkv" else "webgpu", parts=name == "odd.mkv")
    assert "error" not in told, told["error"]
    before, after = page.folder / name, tmp_path / name
    after.write_bytes(base64.b64decode(told["bytes"]))
    network = load_network(WEIGHTS / f"{NETWORK}.onnx", 1, ())
    expected = [network(np.ascontiguousarray(one)[..., None])[..., 0] for one in lumas(before)]
    result = lumas(after)
    assert len(result) == len(expected) == told["frames"]
    assert shown_at(after) == pytest.approx(shown_at(before), abs=0.001)
    # Coded once more, and yet nearer to it than what it was made of.
    assert mean_psnr(result, expected) > max(33, mean_psnr(lumas(before), expected) + 1)
    for (*kept, moments), (*given, due) in zip(sounds(after), sounds(before), strict=True):
        assert kept == given
        assert moments == pytest.approx(due, abs=0.01)
    assert attachments(after) == attachments(before)
    assert [note for note in told["notes"] if "colours" not in note] == NOTES.get(name, [])
    assert told["progress"][-1]["share"] == 1
    assert told["counts"]["opened"] == told["counts"]["closed"]


def test_rotation_and_title_are_kept(page, tmp_path):
    told = sharpened(page, "h264.mp4")
    (tmp_path / "a.mp4").write_bytes(base64.b64decode(told["bytes"]))
    for path in (page.folder / "h264.mp4", tmp_path / "a.mp4"):
        with av.open(str(path)) as container:
            assert container.metadata["title"] == "Zug"
            assert next(container.decode(video=0)).rotation == -90


def test_a_stopped_clip_leaves_nothing_behind(page):
    told = sharpened(page, "vp9.webm", stopAfter=3)
    assert told["stopped"]
    assert told["left"] == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cut.webm", "The clip is cut off, or damaged, before its first frame."),
        ("text.mp4", "This is not a clip that can be read here: MP4, MOV, WebM and MKV can."),
    ],
)
def test_a_broken_clip_gives_a_sentence_and_leaves_nothing_behind(page, name, sentence):
    told = sharpened(page, name)
    assert told["error"] == sentence
    assert told["left"] == []
