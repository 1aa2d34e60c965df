import errno
import io
import os
import shutil
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.batch.plan import plan
from sharpcli.errors import SharpError
from sharpcli.web.tasks.archive import SPARE, Most, gather, pack, take_over

LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"
FLAGS = {LOCAL: 6, CENTRAL: 8}
"""Where the flags lie behind these signatures."""
IN_UTF_8, ENCRYPTED = 0x800, 1


def zipped(path, members, **settings):
    """An archive of contents by name; a name may also be a ZipInfo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", **settings) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def reflagged(path, *, on=0, off=0):
    data = bytearray(path.read_bytes())
    for signature, offset in FLAGS.items():
        at = data.find(signature)
        while at >= 0:
            (flags,) = struct.unpack_from("<H", data, at + offset)
            struct.pack_into("<H", data, at + offset, flags & ~off | on)
            at = data.find(signature, at + 1)
    path.write_bytes(data)
    return path


def with_mode(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def found(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def gathered(tmp_path, *uploads, **most):
    """The files taken, and what was left out with the reasons."""
    folder = tmp_path / "taken"
    folder.mkdir()
    left = gather(uploads, folder, Most(**most))
    return found(folder), {path.relative_to(folder).as_posix(): reason for path, reason in left}


@pytest.fixture
def uploads(tmp_path):
    """Uploads as they come: each in a folder of its own."""
    count = 0

    def upload(name, content=b"image"):
        nonlocal count
        count += 1
        path = tmp_path / "uploads" / str(count) / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    return upload


@pytest.fixture
def archive(tmp_path):
    def archive(*members, name="a.zip", **settings):
        return zipped(tmp_path / "uploads" / name, [(m, b"image") if isinstance(m, str) else m for m in members])

    return archive


def test_images_keep_their_names_and_none_is_lost_to_another_of_its_name(tmp_path, uploads):
    given = [uploads("a.png", b"1"), uploads("a.png", b"2"), uploads("A.PNG", b"3"), uploads("a-2.png", b"4")]
    names, left = gathered(tmp_path, *given)
    assert not left
    assert names == ["A-3.PNG", "a-2-2.png", "a-2.png", "a.png"]
    assert {(tmp_path / "taken" / name).read_bytes() for name in names} == {b"1", b"2", b"3", b"4"}


def test_one_upload_given_twice_is_one_image(tmp_path, uploads):
    path = uploads("a.png")
    assert gathered(tmp_path, path, path) == (["a.png"], {})


def test_what_is_neither_an_image_nor_an_archive_is_named_and_what_is_hidden_is_not(tmp_path, uploads):
    given = [uploads(name) for name in ("a.png", "notes.txt", "b.rar", "photo", ".DS_Store", "Thumbs.db", ".x.png")]
    names, left = gathered(tmp_path, *given)
    assert names == ["a.png"]
    assert left == dict.fromkeys(("notes.txt", "b.rar", "photo"), "is neither an image nor a zip archive")


def test_images_of_kinds_that_cannot_be_read_are_taken_so_that_the_batch_can_say_so(tmp_path, uploads):
    assert gathered(tmp_path, uploads("a.heic")) == (["a.heic"], {})


def test_images_are_known_by_their_bytes_too(tmp_path, archive, uploads):
    jpeg, clip = b"\xff\xd8\xff\xe0", b"\0\0\0\x18ftypmp42\0\0\0\0isom"
    given = archive(("sub/photo", jpeg), ("clip.dat", clip), ("notes", b"text"), ("empty", b""), "a.jfif")
    names, left = gathered(tmp_path, given, uploads("scan", jpeg), uploads("plan", b"text"))
    assert names == ["a/a.jfif", "a/clip.dat", "a/sub/photo", "scan"]
    assert left == {"plan": "is neither an image nor a zip archive"}


def test_a_disk_without_links_gets_copies(tmp_path, uploads, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    assert gathered(tmp_path, uploads("a.png", b"own")) == (["a.png"], {})
    assert (tmp_path / "taken" / "a.png").read_bytes() == b"own"


def test_an_archive_alone_keeps_its_folders_and_drops_what_systems_put_in(tmp_path, archive):
    given = archive(
        *("a.png", "sub/", "sub/b.JPG", "sub/deep/ç.webp", "notes.txt", "__MACOSX/sub/._b.jpg", ".hidden/c.png"),
        *("sub/.DS_Store", "@eaDir/a.png", ".sharpcli.json", "sub/.d.png"),
    )
    assert gathered(tmp_path, given) == (["a.png", "sub/b.JPG", "sub/deep/ç.webp"], {})


def test_several_archives_get_a_folder_each(tmp_path, archive, uploads):
    given = [archive("a.png", name="one/x.zip"), archive("a.png", name="two/x.zip"), uploads("a.png")]
    assert gathered(tmp_path, *given) == (["a.png", "x-2/a.png", "x/a.png"], {})


def test_the_plan_of_what_was_gathered_has_every_image(tmp_path, archive, uploads):
    gathered(tmp_path, archive("a.png", "sub/b.jpg"), uploads("c.tiff"), uploads("d.gif"))
    planned = plan([tmp_path / "taken"], tmp_path / "out", suffix="")
    assert [item.target.relative_to(tmp_path).as_posix() for item in planned.items] == [
        *("out/c.tiff", "out/d.gif", "out/a/a.png", "out/a/sub/b.jpg"),
    ]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_both_survive(tmp_path, archive):
    given = archive(("a.png", b"1"), ("a.png", b"2"), ("sub/A.png", b"3"), ("SUB/a.png", b"4"), ("./a.png", b"5"))
    names, left = gathered(tmp_path, given)
    assert not left
    assert {(tmp_path / "taken" / name).read_bytes() for name in names} == {b"1", b"2", b"3", b"4", b"5"}
    assert len({name.casefold() for name in names}) == 5


@pytest.mark.parametrize(
    "name", ["../a.png", "sub/../../a.png", "/etc/a.png", "//host/a.png", "C:/a.png", "c:a.png", "..\\a.png", "\\a.png"]
)
def test_no_member_leaves_its_folder(tmp_path, archive, name):
    names, left = gathered(tmp_path, archive(name, "b.png"))
    assert names == ["b.png"]
    assert list(left.values()) == ["has a path outside the archive's folder"]
    assert found(tmp_path) == ["taken/b.png", "uploads/a.zip"]


def test_backslashes_are_what_they_are_on_windows(tmp_path, archive):
    assert gathered(tmp_path, archive("sub\\a.png")) == (["sub/a.png"], {})


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_not_made(tmp_path, archive, kind):
    given = archive((with_mode("a.png", kind | 0o777), "/etc/passwd"), (with_mode("b.png", stat.S_IFREG | 0o644), "b"))
    assert gathered(tmp_path, given) == (["b.png"], {"a.png": "is a link or a device, not a file"})


def test_a_file_cannot_take_the_place_of_a_folder(tmp_path, archive):
    names, left = gathered(tmp_path, archive("a.png", "a.png/b.png", "c.png/d.png", "c.png", "e.png"))
    assert names == ["a.png", "c-2.png", "c.png/d.png", "e.png"]
    assert list(left) == ["a.png/b.png"]
    assert left["a.png/b.png"].startswith("cannot be unpacked (")


def test_a_name_too_long_costs_only_its_own(tmp_path, archive):
    names, left = gathered(tmp_path, archive("x" * 300 + ".png", "a.png"))
    assert names == ["a.png"]
    assert list(left.values()) == ["cannot be unpacked (File name too long)"]


def test_archives_within_archives_are_named_and_stay_closed(tmp_path, archive):
    names, left = gathered(tmp_path, archive("sub/inner.ZIP", "a.png"))
    assert names == ["a.png"]
    assert left == {"sub/inner.ZIP": "is an archive inside an archive; upload it separately"}


def test_names_that_are_utf_8_without_saying_so_are_read_as_such(tmp_path, archive):
    assert gathered(tmp_path, reflagged(archive("ç/写真.png"), off=IN_UTF_8)) == (["ç/写真.png"], {})


def test_names_from_before_unicode_are_read_as_such(tmp_path, archive):
    path = archive("ab.png")
    path.write_bytes(path.read_bytes().replace(b"ab.png", b"\x81b.png"))
    assert gathered(tmp_path, path) == (["üb.png"], {})


def test_an_archive_whose_names_are_no_text_is_refused(tmp_path, archive, uploads):
    path = reflagged(archive("ab.png"), on=IN_UTF_8)
    path.write_bytes(path.read_bytes().replace(b"ab.png", b"\xffb.png"))
    names, left = gathered(tmp_path, path, uploads("b.png"))
    assert names == ["b.png"]
    assert left == {"a.zip": "is damaged or compressed with an unsupported method"}


def test_a_protected_archive_is_refused_and_the_others_are_taken(tmp_path, archive):
    given = [reflagged(archive("a.png"), on=ENCRYPTED), archive("b.png", name="b.zip")]
    assert gathered(tmp_path, *given) == (["b/b.png"], {"a.zip": "is protected by a password; unpack it first"})


@pytest.mark.parametrize(
    "content", [b"", b"text", b"PK\3\4" + bytes(100), b"PK\5\6" + bytes(17), b"PK\5\6" + b"\xff" * 18]
)
def test_what_is_no_archive_is_refused_in_words(tmp_path, uploads, content):
    assert gathered(tmp_path, uploads("a.zip", content)) == (
        [],
        {"a.zip": "is damaged or compressed with an unsupported method"},
    )


def test_an_archive_cut_short_is_refused(tmp_path, archive):
    path = archive("a.png", "b.png")
    path.write_bytes(path.read_bytes()[:-30])
    assert gathered(tmp_path, path)[1] == {"a.zip": "is damaged or compressed with an unsupported method"}


def test_a_damaged_member_costs_only_its_own(tmp_path, archive):
    path = archive(("a.png", b"first content"), ("b.png", b"other content"))
    path.write_bytes(path.read_bytes().replace(b"first", b"worst"))
    names, left = gathered(tmp_path, path)
    assert names == ["b.png"]
    assert left == {"a.png": "is damaged or compressed with an unsupported method"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_whose_memory_nobody_can_bound_are_left_out(tmp_path, method):
    path = zipped(tmp_path / "a.zip", [("a.png", b"1")], compression=method)
    names, left = gathered(tmp_path, path)
    assert names == []
    assert list(left.values()) == ["uses an unsupported compression method; create an ordinary zip archive"]


def test_a_bomb_is_refused_leaves_nothing_and_the_others_are_taken(tmp_path, archive):
    bomb = zipped(
        tmp_path / "bomb.zip", [(f"{i}.png", bytes(4_000_000)) for i in range(5)], compression=zipfile.ZIP_DEFLATED
    )
    assert bomb.stat().st_size < 100_000
    names, left = gathered(tmp_path, bomb, archive("a.png"), unpacked=10_000_000)
    assert names == ["a/a.png"]
    assert left == {"bomb.zip": "is too large once unpacked; upload it in parts"}


def test_an_archive_that_lies_about_its_sizes_fills_no_disk(tmp_path):
    bomb = zipped(tmp_path / "bomb.zip", [("a.png", bytes(4_000_000))], compression=zipfile.ZIP_DEFLATED)
    true = struct.pack("<I", 4_000_000)
    for claimed, unpacked in ((10, 10_000_000), (2_000_000, 1_000_000)):
        lying = tmp_path / f"{claimed}.zip"
        lying.write_bytes(bomb.read_bytes().replace(true, struct.pack("<I", claimed)))
        folder = tmp_path / str(claimed)
        folder.mkdir()
        ((_, reason),) = gather([lying], folder, Most(unpacked=unpacked))
        assert reason.startswith(("is damaged", "is too large"))
        assert found(folder) == []


def test_all_archives_of_a_batch_share_the_limits(tmp_path, archive):
    given = [archive("a.png", "b.txt", name="1.zip"), archive("c.png", "d.png", name="2.zip")]
    assert gathered(tmp_path, *given, files=3) == (
        ["1/a.png"],
        {"2.zip": "has too many files; upload it in parts"},
    )


def test_the_list_of_an_archive_is_not_read_whatever_its_length(tmp_path):
    path = zipped(tmp_path / "a.zip", [(f"{'x' * 60_000}{i}.png", b"") for i in range(80)])
    assert gathered(tmp_path, path) == ([], {"a.zip": "has too many files; upload it in parts"})


@pytest.mark.parametrize("step", ["pathlib.Path.hardlink_to", "sharpcli.web.tasks.archive._Gathering._write"])
def test_a_full_disk_is_reported_in_words(tmp_path, archive, uploads, monkeypatch, step):
    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(step, full)
    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(SharpError, match="not enough disk space"):
        gathered(tmp_path, uploads("a.png"), archive("a.png"))


PART = st.sampled_from(["..", ".", "a", "A", "ü", "C:", "", "~", "a.png", ".. ", "\0", "\n"]) | st.text(max_size=4)
NAME = st.builds(
    lambda parts, separators, ending: "".join(map("".join, zip(parts, separators, strict=False))) + ending,
    st.lists(PART, min_size=1, max_size=6),
    st.lists(st.sampled_from("/\\"), min_size=6, max_size=6),
    st.sampled_from([".png", "", ".zip", ".JPG", "x.tif"]),
)
MODE = st.sampled_from([0, stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777, stat.S_IFDIR, 0o4777])


@pytest.mark.filterwarnings("ignore:Duplicate name")
@given(members=st.lists(st.tuples(NAME, MODE), max_size=8))
def test_nothing_lands_outside_of_the_folder_whatever_names_say(tmp_path_factory, members):
    top = tmp_path_factory.mktemp("top")
    folder = top / "1" / "2" / "3"
    folder.mkdir(parents=True)
    members = [(with_mode(name.encode("utf-8", "replace").decode(), mode), b"x") for name, mode in members if name]
    given = [zipped(top / "a.zip", members), zipped(top / "b" / "a.zip", members)]
    left = gather(given, folder)
    files = [path for path in folder.rglob("*") if not path.is_dir()]
    assert {*found(top)} == {"a.zip", "b/a.zip", *(path.relative_to(top).as_posix() for path in files)}
    assert all(stat.S_ISREG(path.lstat().st_mode) and path.read_bytes() == b"x" for path in files)
    assert len(files) + len(left) <= 2 * len(members)
    assert not any(part.startswith(".") for path in files for part in path.relative_to(folder).parts)


@given(
    changes=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6)
)
def test_no_damage_to_an_archive_does_harm(tmp_path_factory, changes):
    top = tmp_path_factory.mktemp("top")
    path = zipped(
        top / "a.zip", [("a.png", b"some content"), ("sub/b.png", bytes(500))], compression=zipfile.ZIP_DEFLATED
    )
    data = bytearray(path.read_bytes())
    for deleted, place, value in changes:
        at = int(place * len(data))
        data[at : at + 1] = b"" if deleted else bytes([value])
    path.write_bytes(data)
    folder = top / "in" / "deep"
    folder.mkdir(parents=True)
    left = gather([path], folder)
    assert all(name.startswith("in/deep/") for name in found(top) if name != "a.zip")
    assert all(reason and "\n" not in reason for _, reason in left)


def test_results_and_reports_come_home_in_one_archive(tmp_path, photo):
    results = tmp_path / "sharp"
    (results / "sub").mkdir(parents=True)
    PILImage.fromarray(photo[:64, :64]).save(results / "a.png")
    PILImage.fromarray(photo[:64, :64]).save(results / "sub" / "ç.jpg")
    (results / ".sharpcli.json").write_text("{}")
    (results / "sub" / ".sharpcli-1.part").write_text("half")
    report = tmp_path / "report.html"
    report.write_text("<p>" * 1000)
    pack(results, [report], tmp_path / "sharp.zip")
    with zipfile.ZipFile(tmp_path / "sharp.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["sharp/a.png", "sharp/sub/ç.jpg", "report.html"]
        assert [member.compress_type for member in archive.infolist()] == [0, 0, zipfile.ZIP_DEFLATED]
        assert archive.read("sharp/sub/ç.jpg") == (results / "sub" / "ç.jpg").read_bytes()
        assert PILImage.open(io.BytesIO(archive.read("sharp/a.png"))).size == (64, 64)


def test_an_archive_of_results_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "sharp").mkdir()
    with pytest.raises(SharpError, match="zip archive of results cannot be written"):
        pack(tmp_path / "sharp", [tmp_path / "gone.html"], tmp_path / "sharp.zip")
    assert found(tmp_path) == []


def test_an_archive_does_not_fill_the_last_of_the_disk(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    path = zipped(tmp_path / "a.zip", [("a.png", bytes(1000))])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=SPARE - 1))
    with pytest.raises(SharpError, match="not enough disk space"):
        gathered(tmp_path, path)
    assert found(tmp_path / "taken") == []


def test_uploads_stay_when_those_of_the_visit_are_deleted_and_are_asked_for_again_if_they_are_gone(tmp_path):
    uploads = [tmp_path / name / "a.png" for name in ("one", "other")]
    for upload in uploads:
        upload.parent.mkdir()
        upload.write_text(upload.parent.name)
    taken = take_over(uploads, tmp_path / "taken")
    for upload in uploads:
        upload.unlink()
    assert [path.read_text() for path in taken] == ["one", "other"]
    assert {path.name for path in taken} == {"a.png"}
    with pytest.raises(SharpError, match="upload them again"):
        take_over(uploads, tmp_path / "again")
