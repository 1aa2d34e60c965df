"""Fetching from a real server on this machine that can be told to misbehave."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PILImage
from skimage import data

from sharpcli.errors import SharpError
from sharpcli_training.data.fetch import fetch, load_dataset

NAME = "DIV2K_train_HR.zip"


class Server(ThreadingHTTPServer):
    """Serves `files`; the other attributes are its faults."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}/DIV2K"
        self.files = {}
        self.etag = '"one"'
        self.ranges = True
        self.heeds_if_range = True
        self.shift = 0  # by which a continuation starts too late
        self.stops = []  # after how many bytes the next connections are cut
        self.busy = 0  # how many of the next requests get 503
        self.length = True
        self.kind = "application/zip"
        self.delay = 0.0  # seconds before each block
        self.asked = []

    def handle_error(self, request, client_address):
        """A client that goes away is what some tests want."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        """The test's output stays readable."""

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        content = server.files.get(self.path.removeprefix("/DIV2K/"))
        if server.busy:
            server.busy -= 1
            self.send_error(503)
        elif content is None:
            self.send_error(404)
        else:
            self.answer(content)

    def answer(self, content):
        server, start = self.server, 0
        same = not server.heeds_if_range or self.headers.get("If-Range") in (None, server.etag)
        if server.ranges and same and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) + server.shift
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.end_headers()
                return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if server.length:
            self.send_header("Content-Length", str(len(content) - start))
        self.send_header("Content-Type", server.kind)
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        body = content[start:][: server.stops.pop(0) if server.stops else None]
        for position in range(0, len(body), 4096):
            time.sleep(server.delay)
            self.wfile.write(body[position : position + 4096])
        self.close_connection = True


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def png(pixels):
    file = BytesIO()
    PILImage.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def zipped(members):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture(scope="module")
def images():
    photo = data.astronaut()
    return {f"DIV2K_train_HR/{index:04}.png": png(photo[index * 8 :, :160]) for index in range(1, 5)}


@pytest.fixture
def archive(server, images):
    """The archive's bytes, served."""
    server.files[NAME] = zipped({"DIV2K_train_HR/": b"", **images})
    return server.files[NAME]


def described(path, server, *archives):
    """A data set's TOML file, for archives of (name, contents, whether it is for validation)."""
    lines = [f'title = "Test"\naddress = "{server.address}/"\nterms = "free"']
    for name, content, validation in archives:
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f'[[archives]]\nname = "{name}"\nbytes = {len(content)}\nsha256 = "{digest}"')
        lines.append(f"validation = {str(validation).lower()}")
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def dataset(tmp_path, server, archive):
    """The TOML file that describes what is served."""
    return described(tmp_path / "test.toml", server, (NAME, archive, False))


def bring(dataset, out, **choices):
    return fetch(load_dataset(str(dataset)), out, silent, **{"pause": 0.0, **choices})


def silent(description):
    return nullcontext(), lambda done, total: None


def left(folder):
    """Every file below a folder, with its contents."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def is_whole(out, archive, images):
    found = left(out)
    record = json.loads(found.pop(f"{NAME}.unpacked.json"))
    return found == {NAME: archive, **images} and set(record["images"]) == set(images)


def test_one_command_brings_the_images_and_a_second_run_asks_for_nothing(
    sharpcli, server, dataset, archive, images, tmp_path
):
    command = ("train", "fetch", dataset, "-o", tmp_path / "out")
    first = sharpcli(*command)
    assert first.exit_code == 0, first.stderr
    assert first.stdout == f"4 images -> {tmp_path / 'out' / 'DIV2K_train_HR'}\n"
    assert f"Test ({server.address}/): free" in first.stderr
    assert is_whole(tmp_path / "out", archive, images)
    assert server.asked == [(f"/DIV2K/{NAME}", None, None)]
    second = sharpcli(*command)
    assert (second.exit_code, second.stdout) == (0, first.stdout)
    assert len(server.asked) == 1


def test_a_deleted_archive_is_not_fetched_again_while_its_images_are_there(
    sharpcli, server, dataset, archive, images, tmp_path
):
    command = ("train", "fetch", dataset, "-o", tmp_path, "--delete-archives")
    assert sharpcli(*command).exit_code == 0
    assert not (tmp_path / NAME).exists()
    assert sharpcli(*command).exit_code == 0
    assert len(server.asked) == 1
    (tmp_path / "DIV2K_train_HR" / "0002.png").unlink()
    assert sharpcli(*command).exit_code == 0
    assert len(server.asked) == 2
    assert (tmp_path / "DIV2K_train_HR" / "0002.png").read_bytes() == images["DIV2K_train_HR/0002.png"]


def test_validation_images_come_only_when_asked_for(sharpcli, server, archive, images, tmp_path):
    valid = zipped({"DIV2K_valid_HR/0801.png": images["DIV2K_train_HR/0001.png"]})
    server.files["DIV2K_valid_HR.zip"] = valid
    dataset = described(tmp_path / "test.toml", server, (NAME, archive, False), ("DIV2K_valid_HR.zip", valid, True))
    assert sharpcli("train", "fetch", dataset, "-o", tmp_path).exit_code == 0
    assert not (tmp_path / "DIV2K_valid_HR").exists()
    assert "1 images" in sharpcli("train", "fetch", dataset, "-o", tmp_path, "--validation").stdout
    assert [path for path, _, _ in server.asked] == [f"/DIV2K/{NAME}", "/DIV2K/DIV2K_valid_HR.zip"]


def test_a_mirror_replaces_the_address(sharpcli, server, dataset, archive, images, tmp_path):
    dataset.write_text(dataset.read_text().replace(server.address, "http://127.0.0.1:1/nobody"))
    done = sharpcli("train", "fetch", dataset, "-o", tmp_path / "out", "--mirror", server.address)
    assert done.exit_code == 0, done.stderr
    assert is_whole(tmp_path / "out", archive, images)


def test_a_dropped_connection_is_taken_up_where_it_broke(server, dataset, archive, images, tmp_path):
    server.stops, server.busy = [20_000, 30_000], 1
    bring(dataset, tmp_path / "out")
    assert is_whole(tmp_path / "out", archive, images)
    ranges = [(wanted, condition) for _, wanted, condition in server.asked]
    assert ranges == [(None, None), (None, None), ("bytes=20000-", '"one"'), ("bytes=50000-", '"one"')]


def test_what_came_before_giving_up_is_kept_for_the_next_run(server, dataset, archive, images, tmp_path):
    server.stops = [20_000, 0, 0, 0, 0]
    with pytest.raises(SharpError, match="go on from byte 20000"):
        bring(dataset, tmp_path / "out")
    assert set(left(tmp_path / "out")) == {f"{NAME}.part", f"{NAME}.part.version"}
    server.asked.clear()
    bring(dataset, tmp_path / "out")
    assert server.asked == [(f"/DIV2K/{NAME}", "bytes=20000-", '"one"')]
    assert is_whole(tmp_path / "out", archive, images)


@pytest.mark.parametrize("etag", ['"one"', 'W/"weak"', ""])
def test_it_goes_on_whatever_the_server_says_of_its_version(server, dataset, archive, images, tmp_path, etag):
    server.stops, server.etag = [20_000], etag
    bring(dataset, tmp_path / "out")
    assert server.asked[1][1:] == ("bytes=20000-", etag if etag == '"one"' else None)
    assert is_whole(tmp_path / "out", archive, images)


def test_a_server_without_ranges_starts_over(server, dataset, archive, images, tmp_path):
    server.stops, server.ranges = [20_000], False
    bring(dataset, tmp_path / "out")
    assert len(server.asked) == 2
    assert is_whole(tmp_path / "out", archive, images)


@pytest.mark.parametrize("heeds", [True, False])
def test_two_versions_are_never_mixed(server, dataset, archive, images, tmp_path, heeds):
    server.files[NAME] = bytes(len(archive))
    server.stops = [20_000, 0, 0, 0, 0]
    with pytest.raises(SharpError):
        bring(dataset, tmp_path / "out")
    server.files[NAME], server.etag, server.heeds_if_range = archive, '"two"', heeds
    bring(dataset, tmp_path / "out")
    assert is_whole(tmp_path / "out", archive, images)


def test_a_continuation_from_another_place_starts_over(server, dataset, archive, images, tmp_path):
    server.stops, server.shift = [20_000], 7
    bring(dataset, tmp_path / "out")
    assert [wanted for _, wanted, _ in server.asked] == [None, "bytes=20000-", None]
    assert is_whole(tmp_path / "out", archive, images)


def test_a_refused_range_starts_over(server, dataset, archive, images, tmp_path):
    server.stops, server.shift = [20_000], len(archive)
    bring(dataset, tmp_path / "out")
    assert is_whole(tmp_path / "out", archive, images)


def test_a_body_of_untold_length_is_fetched_whole(server, dataset, archive, images, tmp_path):
    server.stops, server.length = [20_000], False
    bring(dataset, tmp_path / "out")
    assert len(server.asked) == 2, "an early end must not pass for the end"
    assert is_whole(tmp_path / "out", archive, images)
    server.stops = [0] * 9
    with pytest.raises(SharpError, match="ended early"):
        bring(dataset, tmp_path / "another")


def test_a_killed_process_is_continued(server, dataset, archive, images, tmp_path):
    out, server.delay = tmp_path / "out", 0.05
    command = [sys.executable, "-m", "sharpcli", "train", "fetch", dataset, "-o", out]
    process = subprocess.Popen(command)
    part = out / f"{NAME}.part"
    while process.poll() is None and not (part.exists() and part.stat().st_size > 8192):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    came = part.stat().st_size
    assert not (out / NAME).exists()
    server.delay = 0.0
    bring(dataset, out)
    assert server.asked[-1] == (f"/DIV2K/{NAME}", f"bytes={came}-", '"one"')
    assert is_whole(out, archive, images)


def test_wrong_content_is_removed_in_one_line(sharpcli, server, dataset, archive, tmp_path):
    server.files[NAME] = bytes(len(archive))
    done = sharpcli("train", "fetch", dataset, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "wrong checksum and was removed" in done.stderr.splitlines()[-1]
    assert left(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"files": {}}, "the server answered 404"),
        ({"files": {NAME: b"another"}}, "has 7 bytes instead of"),
        ({"kind": "text/html; charset=utf-8", "length": False, "ranges": False}, "answers with a web page"),
        ({"files": {NAME: bytes(10**6)}, "length": False, "ranges": False}, "sends more than"),
        ({"address": "nowhere"}, "is no address"),
        ({"address": "ftp://127.0.0.1/x"}, "is no address"),
    ],
)
def test_what_cannot_be_the_file_is_refused_and_the_beginning_kept(server, dataset, archive, tmp_path, fault, message):
    server.stops = [20_000, 0, 0, 0, 0]
    with pytest.raises(SharpError):
        bring(dataset, tmp_path / "out")
    for name, value in fault.items():
        setattr(server, name, value)
    with pytest.raises(SharpError, match=message):
        bring(dataset, tmp_path / "out", mirror=server.address)
    assert not (tmp_path / "out" / NAME).exists()
    if message != "sends more than":
        assert (tmp_path / "out" / f"{NAME}.part").read_bytes() == archive[:20_000]


def test_nobody_listening_is_one_line(sharpcli, dataset, tmp_path, server):
    with pytest.raises(SharpError, match=r"refused.*go on from byte 0"):
        bring(dataset, tmp_path / "out", mirror="http://127.0.0.1:1")


def test_an_archive_that_lies_there_is_used_and_another_file_of_its_name_is_not_touched(
    server, dataset, archive, images, tmp_path
):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / NAME).write_text("mine")
    with pytest.raises(SharpError, match="move it away"):
        bring(dataset, tmp_path / "theirs", delete_archives=True)
    assert left(tmp_path / "theirs") == {NAME: b"mine"}
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / NAME).write_bytes(archive)
    bring(dataset, tmp_path / "ours")
    assert is_whole(tmp_path / "ours", archive, images)
    assert server.asked == []


def test_too_little_room_is_reported_before_anything_is_fetched(server, dataset, archive, tmp_path):
    dataset.write_text(dataset.read_text().replace(f"bytes = {len(archive)}", f"bytes = {10**17}"))
    with pytest.raises(SharpError, match=r"needs 200000000\.0 GB free"):
        bring(dataset, tmp_path / "out")
    assert server.asked == []


def test_an_interrupted_unpacking_goes_on(dataset, archive, images, tmp_path):
    class Stop(Exception):
        pass

    def stop_after_two(description):
        def report(done, total):
            if description == "images" and done == 2:
                raise Stop

        return nullcontext(), report

    with pytest.raises(Stop):
        fetch(load_dataset(str(dataset)), tmp_path / "out", stop_after_two)
    first = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "DIV2K_train_HR").iterdir()}
    assert len(first) == 2
    bring(dataset, tmp_path / "out")
    assert is_whole(tmp_path / "out", archive, images)
    assert first == {path: path.stat().st_mtime_ns for path in first}


def test_a_file_of_the_users_is_not_overwritten_by_an_image(dataset, archive, images, tmp_path):
    theirs = tmp_path / "out" / "DIV2K_train_HR" / "0003.png"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    with pytest.raises(SharpError, match=r"0003\.png is another file"):
        bring(dataset, tmp_path / "out")
    assert list(theirs.parent.iterdir()) == [theirs]
    assert theirs.read_text() == "mine"


@pytest.mark.parametrize("name", ["../x.png", "/x.png", "a/../../x.png", "..\\x.png", "C:x.png", "../x.sh"])
def test_an_archive_that_reaches_outside_is_refused(server, tmp_path, images, name):
    content = server.files[NAME] = zipped({**images, name: b"x"})
    dataset = described(tmp_path / "test.toml", server, (NAME, content, False))
    with pytest.raises(SharpError, match="would write outside its folder"):
        bring(dataset, tmp_path / "out")
    assert set(left(tmp_path)) == {"test.toml", f"out/{NAME}"}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content[: len(content) // 2], "cannot be unpacked"),
        (lambda content: content[:5000] + bytes(1000) + content[6000:], "Bad CRC-32"),
        (lambda content: zipped({"read.me": b"x"}), "holds no images"),
    ],
)
def test_a_zip_file_that_is_none_leaves_no_torn_image(server, tmp_path, archive, damage, message):
    content = server.files[NAME] = damage(archive)
    dataset = described(tmp_path / "test.toml", server, (NAME, content, False))
    with pytest.raises(SharpError, match=message):
        bring(dataset, tmp_path / "out")
    assert set(left(tmp_path / "out")) == {NAME}


def test_a_file_in_the_way_is_one_line(dataset, tmp_path):
    (tmp_path / "DIV2K_train_HR").write_text("mine")
    with pytest.raises(SharpError, match=r"DIV2K_train_HR: .*must be one that can be written"):
        bring(dataset, tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there are div2k, or give a TOML file"),
        ("title = ", "is not TOML"),
        ('title = "a"', "lacks 'archives'"),
        ("archives = 3", "is not written as it should be"),
        ('[[archives]]\nname = "a.zip"\nbytes = "many"\nsha256 = ""', "is not written as it should be"),
        (
            'title = ""\naddress = ""\nterms = ""\n[[archives]]\nname = "../a.zip"\nbytes = 1\nsha256 = ""',
            "must be a file name in .zip",
        ),
    ],
)
def test_a_wrong_data_set_says_what_would_be_right(sharpcli, tmp_path, text, message):
    if text is not None:
        (tmp_path / "x.toml").write_text(text)
    done = sharpcli("train", "fetch", tmp_path / "x.toml", "-o", tmp_path / "out")
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr


def test_div2k_comes_from_its_official_address_with_checksums_and_terms(sharpcli):
    dataset = load_dataset("div2k")
    assert dataset.address == "https://data.vision.ee.ethz.ch/cvl/DIV2K/"
    assert "academic research only" in dataset.terms
    assert "academic research" in sharpcli("train", "fetch", "--help").stdout
    assert [(archive.name, archive.validation) for archive in dataset.archives] == [
        ("DIV2K_train_HR.zip", False),
        ("DIV2K_valid_HR.zip", True),
    ]
    for archive in dataset.archives:
        assert len(bytes.fromhex(archive.sha256)) == 32
        assert archive.bytes > 4e8


def test_fetching_needs_no_torch():
    code = "import sys, sharpcli_training.data.fetch; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_images_of_div2ks_size_become_a_pack_that_is_read_from_disk(sharpcli, server, tmp_path):
    """From the server to a training batch: images of 2040 x 1356, fetched, prepared, and read as a memory map."""
    from sharpcli_training.data.pairs import Pairs

    photos = [data.astronaut(), data.coffee(), data.chelsea()]
    size, kernel = (2040, 1356), PILImage.Resampling.BICUBIC
    large = [np.asarray(PILImage.fromarray(photo).resize(size, kernel)) for photo in photos]
    names = [f"DIV2K_train_HR/{number:04}.png" for number in (27, 28, 29)]  # the first is held out
    content = server.files[NAME] = zipped(dict(zip(names, map(png, large), strict=True)))
    dataset = described(tmp_path / "test.toml", server, (NAME, content, False))
    server.stops = [len(content) // 2]
    assert sharpcli("train", "fetch", dataset, "-o", tmp_path / "data").exit_code == 0
    assert [wanted is None for _, wanted, _ in server.asked] == [True, False]

    folder = tmp_path / "data" / "DIV2K_train_HR"
    done = sharpcli("train", "prepare", folder, "-o", tmp_path / "pack", "--crops", 20)
    assert "40 training and 20 validation pairs" in done.stdout, done.stderr
    shutil.rmtree(tmp_path / "data")  # from here on nothing can be decoded any more

    pack = Pairs(tmp_path / "pack")
    for pairs, count in ((pack.train[0], 40), (pack.val, 20)):
        assert isinstance(pairs, np.memmap)
        assert (pairs.mode, pairs.dtype, pairs.shape) == ("r", np.uint8, (count, 2, 128, 128, 3))
    inputs, references, _ = pack.batch(step=0, seed=0, size=4, patch=64)
    assert inputs.shape == references.shape == (4, 3, 64, 64)
    assert isinstance(pack.train[0], np.memmap), "drawing a batch must not load the pack"
    windows = np.lib.stride_tricks.sliding_window_view(large[1], (128, 128), axis=(0, 1))
    matches = (windows[..., 0, 0] == pack.train[0][0, 1, 0, 0]).all(-1)
    assert any(
        (large[1][y : y + 128, x : x + 128] == pack.train[0][0, 1]).all()
        for y, x in zip(*matches.nonzero(), strict=True)
    ), "the pack holds other pixels than the images"
