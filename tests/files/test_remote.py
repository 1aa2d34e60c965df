"""Folders that only a URL reaches; memory:// stands for all of them, since its files are as remote to the code."""

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image as PILImage

from sharpcli.batch.plan import plan
from sharpcli.batch.resume import remember
from sharpcli.errors import ImageError, SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.files.remote import fetched, listed, location

pytest.importorskip("upath")
MemoryFileSystem = pytest.importorskip("fsspec.implementations.memory").MemoryFileSystem
MODEL = ["-e", "student-live"]


@pytest.fixture
def store():
    """An empty remote place."""
    place = location("memory://store")
    place.fs.store.clear()
    place.fs.pseudo_dirs[:] = [""]
    return place


@pytest.fixture
def afar(store, folder):
    """The folder of three images, in the store, with a file that is no image and some that nobody means."""
    found = store / "in"
    for path in sorted(folder.rglob("*.*")):
        put(found / path.relative_to(folder).as_posix(), path.read_bytes())
    for name in (".hidden/x.png", "notes.txt", "sub/Thumbs.db", "sub/.x.png"):
        put(found / name, b"x")
    return found


def put(path, content):
    path.fs.pipe_file(path.path, content)


def names(folder):
    return sorted(name for name in listed(folder) if name != ".sharpcli.json")


def test_a_remote_folder_is_done_as_if_it_were_here(afar, store, folder, tmp_path, sharpcli):
    assert sharpcli("enhance", folder, "-o", tmp_path / "out", *MODEL).exit_code == 0
    result = sharpcli("enhance", afar, "-o", store / "out", *MODEL)
    assert (result.exit_code, result.stderr.count("done memory://store/in/")) == (0, 3)
    assert result.stdout.rstrip().endswith("-> memory://store/out")
    here = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes() for path in (tmp_path / "out").rglob("*.*")
    }
    assert {name: (store / "out" / name).read_bytes() for name in listed(store / "out")} == here
    assert len(here) == 4


def test_remote_and_local_may_be_mixed(afar, store, folder, tmp_path, sharpcli):
    assert sharpcli("enhance", afar, "-o", tmp_path / "out", *MODEL).exit_code == 0
    assert sharpcli("enhance", folder, "-o", store / "out", *MODEL).exit_code == 0
    assert names(store / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]
    assert (tmp_path / "out" / "sub" / "deep" / "ç.png").read_bytes() == (store / "out/sub/deep/ç.png").read_bytes()
    both = sharpcli("enhance", afar / "a.png", folder / "a.png", *MODEL)
    assert both.exit_code == 0
    assert (afar / "a-sharp.png").read_bytes() == (folder / "a-sharp.png").read_bytes()


def test_without_an_output_folder_results_lie_beside_the_remote_folder(afar, store, sharpcli):
    assert sharpcli("enhance", f"{afar}/", *MODEL).exit_code == 0
    assert names(store / "in-sharp") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]


def test_choices_and_refusals_are_the_same_as_here(afar, store, sharpcli):
    assert {item.target for item in plan([afar], store / "out", suffix="", glob=["sub/*"]).items} == {
        store / "out/sub/b.jpg",
        store / "out/sub/deep/ç.png",
    }
    assert len(plan([afar], store / "out", suffix="", recursive=False).items) == 1
    with pytest.raises(SharpError, match="choose another output folder"):
        plan([afar], afar, suffix="")
    with pytest.raises(SharpError, match="no such file or folder: memory://store/none"):
        plan([store / "none"], store / "out", suffix="")
    put(afar / "A.PNG", (afar / "a.png").read_bytes())
    targets = [str(item.target).lower() for item in plan([afar], store / "out", suffix="").items]
    assert len(set(targets)) == 4


def test_results_of_a_remote_run_are_not_read_again(afar, sharpcli):
    assert sharpcli("enhance", afar, "-o", afar / "out", *MODEL).exit_code == 0
    assert "3 skipped" in sharpcli("enhance", afar, "-o", afar / "out", *MODEL).stdout
    assert len(plan([afar], afar.parent / "elsewhere", suffix="").items) == 3


def test_a_repeated_run_goes_on_and_other_settings_are_refused(afar, store, sharpcli):
    run = ["enhance", afar, "-o", store / "out", *MODEL]
    sharpcli(*run)
    (store / "out" / "a.png").unlink()
    assert sharpcli(*run).stdout.startswith("1 done, 2 skipped (already exist)")
    refused = sharpcli(*run, "--strength", "0.5")
    assert refused.exit_code == 2
    assert "was made with different settings (strength 1.0, now 0.5)" in refused.stderr
    assert sharpcli(*run, "--strength", "0.5", "--on-existing", "overwrite").stdout.startswith("3 done")
    assert sharpcli(*run, "--strength", "0.5").stdout.startswith("0 done, 3 skipped")
    assert sharpcli(*run, "--strength", "0.5", "--on-existing", "error").exit_code == 2


class ObjectStore(MemoryFileSystem):
    """What object stores are and files in memory are not: no folders, no moves, times in whole seconds, buckets."""

    store, pseudo_dirs, root_marker = {}, [""], ""

    @classmethod
    def _strip_protocol(cls, path):
        return path.removeprefix("s3://").strip("/")

    def info(self, path, **options):
        return self._told(super().info(path, **options))

    def find(self, path, **options):
        return {name: self._told(info) for name, info in super().find(path, **options).items()}

    def put_file(self, source, target, **options):
        self.pipe_file(target, Path(source).read_bytes())

    def makedirs(self, path, exist_ok=False):
        raise AssertionError("a bucket would be made where a name is mistyped")

    mkdir = mv = copy = makedirs

    def _told(self, info):
        created = self.store[info["name"]].created if info["type"] == "file" else datetime.now(UTC)
        known = {key: value for key, value in info.items() if key != "created"}
        return {**known, "LastModified": created.replace(microsecond=0)}


def test_an_object_store_is_no_worse(folder, sharpcli, monkeypatch):
    monkeypatch.setitem(sys.modules["fsspec.registry"]._registry, "s3", ObjectStore)
    store = location("s3://bucket/photos")
    for path in folder.rglob("*.*"):
        put(store / path.relative_to(folder).as_posix(), path.read_bytes())
    run = ["enhance", "s3://bucket/photos", "-o", "s3://bucket/out", *MODEL]
    assert sharpcli(*run).stdout.startswith("3 done")
    assert names(location("s3://bucket/out")) == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]
    assert sharpcli(*run).stdout.startswith("0 done, 3 skipped")
    # By a clock of whole seconds these may be older than the change of settings: rather once too often than never.
    changed = [*run, "--strength", "0.5"]
    assert sharpcli(*changed, "--on-existing", "overwrite").stdout.startswith("3 done")
    assert sharpcli(*changed).exit_code == 0
    beside = sharpcli("enhance", "s3://bucket", *MODEL)
    assert beside.exit_code == 2
    assert "set an output folder with --out" in beside.stderr


@pytest.mark.parametrize("known", [True, False], ids=["known time", "unknown time"])
def test_after_an_interrupted_change_of_settings_what_may_be_old_is_done_again(store, known, monkeypatch):
    remember(store, {"a": 1}, overwrite=False)
    put(store / "old.png", b"x")
    remember(store, {"a": 2}, overwrite=True)
    put(store / "new.png", b"x")
    if not known:
        monkeypatch.setattr("sharpcli.files.remote.TIMES", ())
    again = remember(store, {"a": 2}, overwrite=False)
    assert [again.done(store / name) for name in ("old.png", "new.png", "none.png")] == [False, known, False]


def test_a_bad_file_is_listed_and_the_rest_is_done(afar, store, sharpcli):
    put(afar / "bad.png", b"no image")
    result = sharpcli("enhance", afar, "-o", store / "out", *MODEL, "--json")
    assert result.exit_code == 1
    assert "failed: memory://store/in/bad.png: " in result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["summary"]["done"] == 3
    assert names(store / "out") == ["a.png", "sub/b.jpg", "sub/deep/ç.png"]


def test_a_store_that_fails_costs_its_own_images_only(afar, store, sharpcli, monkeypatch):
    fetch, send = type(afar.fs).get_file, type(afar.fs).put_file

    def get_file(self, source, *args, **kwargs):
        if source.endswith("a.png"):
            raise RuntimeError("the line\nis down")
        return fetch(self, source, *args, **kwargs)

    def put_file(self, source, target, *args, **kwargs):
        if "sub/deep" in target:
            raise RuntimeError("no room")
        return send(self, source, target, *args, **kwargs)

    monkeypatch.setattr(type(afar.fs), "get_file", get_file)
    monkeypatch.setattr(type(afar.fs), "put_file", put_file)
    result = sharpcli("enhance", afar, "-o", store / "out", *MODEL)
    assert result.exit_code == 1
    assert "failed: memory://store/in/a.png: cannot be downloaded (the line is down)" in result.stderr
    refused = "cannot be written to memory://store/out/sub/deep/ç.png (cannot be uploaded: no room)"
    assert f"ç.png: {refused}" in result.stderr
    assert names(store / "out") == ["sub/b.jpg"]


def test_a_remote_file_appears_whole_or_not_at_all(store):
    with pytest.raises(ZeroDivisionError), whole_file(store / "new" / "a.bin") as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert names(store) == []
    with whole_file(store / "new" / "a.bin") as file:
        file.write(b"half")
        assert names(store) == []
        file.write(b" and half")
    with whole_file(store / "new" / "a.bin") as file:
        file.write(b"all new")
    assert names(store) == ["new/a.bin"]
    with fetched(store / "new" / "a.bin") as local:
        assert local.read_bytes() == b"all new"
    assert not local.exists()


def test_a_remote_file_that_is_not_there_is_reported(store):
    with pytest.raises(ImageError, match="no such file"), fetched(store / "none.png"):
        pass


def test_a_file_url_is_a_plain_path(folder, tmp_path, sharpcli):
    (tmp_path / "in").rename(tmp_path / "in here")
    url = (tmp_path / "in here").as_uri()
    assert "%20" in url
    assert (
        location(url) == location(url.replace("file:", "FILE:").replace("///", "//localhost/")) == tmp_path / "in here"
    )
    assert sharpcli("enhance", url, "-o", (tmp_path / "out").as_uri(), *MODEL).exit_code == 0
    assert (tmp_path / "out" / "a.png").exists()


@pytest.mark.parametrize("text", ["a/b", "C:\\x", "C:/x", "s3:/b", "a b://c", "://"])
def test_what_is_no_url_is_a_path(text):
    assert str(location(text)) == str(type(location("x"))(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nosuch://a/b", r"nosuch://a/b cannot be reached \(.*nosuch"),
        ("file://host/x", "file://host/x is not a local file; use file:///"),
        ("abfs://container/x", r"abfs://container/x needs another package besides 'sharpcli\[cluster\]' \(.*adlfs"),
    ],
)
def test_what_cannot_be_reached_is_reported_in_one_line(text, message, sharpcli, tmp_path):
    with pytest.raises(SharpError, match=message) as caught:
        location(text)
    assert "\n" not in str(caught.value)
    result = sharpcli("enhance", text, "-o", tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_without_the_extra_a_url_says_what_to_install(tmp_path):
    code = "import sys; sys.modules['upath'] = None; from sharpcli.cli.main import main; main()"
    for options, message in ((["memory://x"], "URLs such as memory://x need: pip install"), ([tmp_path], "no images")):
        ended = subprocess.run(
            [sys.executable, "-c", code, "enhance", *options], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2
        assert message in ended.stderr
        assert ("pip install 'sharpcli[cluster]'" in ended.stderr) == (message != "no images")


def test_degrade_takes_urls_too(afar, store, sharpcli):
    assert sharpcli("degrade", afar / "a.png", "-o", store / "b.png").exit_code == 0
    assert PILImage.open(io.BytesIO((store / "b.png").read_bytes())).format == "PNG"


def test_what_a_remote_folder_holds_is_told_by_its_bytes_too(afar, store, folder, sharpcli, monkeypatch):
    put(afar / "photo", (folder / "a.png").read_bytes())
    put(afar / "raw", b"FUJIFILMCCD-RAW 0201")
    put(afar / "notes", b"nothing to see")
    put(afar / "empty", b"")
    asked = []
    cat_file = MemoryFileSystem.cat_file

    def counted(self, path, start=None, end=None, **options):
        asked.append((path.rpartition("/")[2], end))
        if path.endswith("empty"):
            raise ValueError("416 Range Not Satisfiable")
        return cat_file(self, path, start, end, **options)

    monkeypatch.setattr(MemoryFileSystem, "cat_file", counted)
    done = sharpcli("enhance", store / "in", "-o", store / "out", "-e", "bicubic")
    assert sorted(asked) == [(name, 512) for name in ("empty", "notes", "notes.txt", "photo", "raw")]
    assert (done.exit_code, done.stdout.split(" in ")[0]) == (1, "4 done, 1 failed")
    assert "failed: memory://store/in/raw: is a Fujifilm RAW file (RAF)" in done.stderr
    assert "photo" in names(store / "out")


def test_a_remote_file_that_cannot_be_looked_into_is_listed(afar, store, sharpcli, monkeypatch):
    put(afar / "photo", b"whatever")

    def broken(self, path, start=None, end=None, **options):
        raise OSError("the line is down")

    monkeypatch.setattr(MemoryFileSystem, "cat_file", broken)
    done = sharpcli("enhance", store / "in", "-o", store / "out", "-e", "bicubic")
    assert done.exit_code == 1
    assert "failed: memory://store/in/photo: cannot be read (the line is down)" in done.stderr
