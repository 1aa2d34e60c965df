"""What cannot be done is refused in one line, and leaves nothing."""

import subprocess
from fractions import Fraction
from shutil import which

import av
import pytest

from sharpcli.errors import ImageError
from sharpcli.video.coding import coding
from sharpcli.video.enhance import enhance_clip
from sharpcli_bicubic import Bicubic
from tests.helpers.full_clips import full_clip, shown_at


def refused(path, target=None, codec="h264"):
    target = target or path.with_name(f"out{path.suffix}")
    with pytest.raises(ImageError) as error:
        enhance_clip(path, target, Bicubic(), coding(codec))
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".avi"])
def test_a_damaged_clip(tmp_path, ending):
    clip = full_clip(tmp_path / f"a{ending}", time_base=Fraction(1, 25), options={"bf": "0"}, sounds=())
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    clip.write_bytes(data)
    assert "damaged" in refused(clip)


@pytest.mark.parametrize("ending", [".mkv", ".webm"])
def test_a_clip_that_ends_early(tmp_path, ending):
    """Matroska is read as far as it goes, and only its header knows how far that should be."""
    vp8 = {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}} if ending == ".webm" else {}
    clip = full_clip(tmp_path / f"a{ending}", 50, sounds=(), **vp8)
    data = clip.read_bytes()
    # The tags, at the end, tell the length of each track.
    clip.write_bytes(data[: len(data) // 2] + data[data.rindex(b"\x12T\xc3g") :])
    refused(clip, codec="vp8" if vp8 else "h264")


def test_a_truncated_mp4(tmp_path):
    clip = full_clip(tmp_path / "a.mp4")
    clip.write_bytes(clip.read_bytes()[:-1500])
    assert "damaged" in refused(clip)


def test_sound_without_video(tmp_path):
    both, path = full_clip(tmp_path / "both.mp4"), tmp_path / "a.mp4"
    with av.open(str(both)) as given, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(given.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    both.unlink()
    assert refused(path) == "holds no video, only audio"


def test_no_frames(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        output.start_encoding()
    refused(path)


def test_a_size_that_changes(tmp_path):
    parts = [
        full_clip(tmp_path / f"{number}.ts", 8, size=size, sounds=())
        for number, size in enumerate(((96, 64), (64, 48)))
    ]
    whole = tmp_path / "a.ts"
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    for part in parts:
        part.unlink()
    words = refused(whole)
    assert "changes its size" in words or "damaged" in words or "go back" in words


def test_a_clip_with_the_ending_of_another_kind_is_told_by_its_bytes(tmp_path):
    clip = full_clip(tmp_path / "a.mkv")
    named = clip.rename(tmp_path / "a.mp4")
    target = tmp_path / "out.mp4"
    enhance_clip(named, target, Bicubic(), coding("h264"))
    assert len(shown_at(target)) == 25
    with av.open(str(target)) as container:
        assert "mp4" in container.format.name


def test_frames_that_a_container_cannot_tell_apart(tmp_path):
    clip = full_clip(tmp_path / "a.mkv", times=[0, 512, 600, 1024, 1100], sounds=())
    words = refused(clip, tmp_path / "out.avi")
    assert "mkv" in words


def test_an_encoder_that_cannot_encode_the_pixels(tmp_path):
    clip = full_clip(tmp_path / "a.mkv", 4, codec="ffv1", pixels="yuv444p", sounds=())
    with pytest.raises(ImageError, match="cannot encode"):
        enhance_clip(clip, tmp_path / "out.mkv", Bicubic(), coding("vp8"))


@pytest.mark.skipif(not which("ffmpeg"), reason="needs the ffmpeg command")
def test_an_encrypted_clip(tmp_path):
    clear = full_clip(tmp_path / "clear.mp4", sounds=())
    path = tmp_path / "a.mp4"
    key = "76a6c65c5ea762046bd749a2e632ccbb"
    command = ["ffmpeg", "-v", "error", "-i", clear, "-c", "copy", "-encryption_scheme", "cenc-aes-ctr"]
    subprocess.run([*command, "-encryption_key", key, "-encryption_kid", key, path], check=True)
    clear.unlink()
    assert "damaged" in (words := refused(path)) or "encrypted" in words
