"""Several visitors of one page: each has his own, and what goes wrong for one does not for the others."""

import signal
from functools import partial
from pathlib import Path

import httpx
import pytest
from gradio_client import handle_file
from gradio_client.utils import Status
from PIL import Image as PILImage

from sharpcli.web.tasks.runs import PROGRAMS_SHARE
from sharpcli.web.visitors.files import PREFIX
from tests.web.conftest import client, demo, eventually, open_settings, visit, with_plugin
from tests.web.tabs.test_enhance import download, give, status

TROUBLE = Path(__file__).parents[2] / "helpers" / "trouble.py"


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    """Where the page's process makes its temporary files."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    """The file that ends the enhancer that waits."""
    return tmp_path_factory.mktemp("go") / "go"


@pytest.fixture(scope="module")
def address(temporary, go, tmp_path_factory):
    """A page in whose environment the troublesome plugin is installed."""
    plugin = with_plugin(TROUBLE, tmp_path_factory.mktemp("trouble") / "site")
    with demo(environment={**plugin, "TMPDIR": str(temporary), "SHARPCLI_TEST_GO": str(go)}) as (address, _):
        yield address


@pytest.fixture
def images(tmp_path, photo):
    """Two images of different sizes."""
    paths = [tmp_path / "left.png", tmp_path / "right.png"]
    PILImage.fromarray(photo[:120, :160]).save(paths[0])
    PILImage.fromarray(photo[100:240, 200:300]).save(paths[1])
    return paths


def root_below(folder):
    (found,) = folder.glob(f"{PREFIX}*")
    return found


def choose(page, enhancer):
    open_settings(page)
    page.locator("#enhance-enhancer input").click()
    page.get_by_role("option", name=enhancer, exact=True).click()


def test_two_visitors_at_once_each_get_their_own_and_see_nothing_of_the_other(
    browser, address, images, sharpcli, tmp_path
):
    with visit(browser, address) as one, visit(browser, address) as other:
        fetched = {one: set(), other: set()}
        for page, seen in fetched.items():
            page.on("request", lambda request, seen=seen: seen.add(request.url))
        for page, image in zip((one, other), images, strict=True):
            give(page, image)
        for page, image, size in zip((one, other), images, ("160 x 120", "100 x 140"), strict=True):
            assert size in status(page, "megapixels")
            assert sharpcli("enhance", image, "-o", tmp_path / "out").exit_code == 0
            assert download(page)[1] == (tmp_path / "out" / image.name).read_bytes()
        files = [{url for url in seen if "/file=" in url} for seen in fetched.values()]
        assert all(files)
        assert not files[0] & files[1]


def test_the_same_image_of_two_visitors_stays_with_the_one_who_stays(browser, address, temporary, images):
    with visit(browser, address) as staying:
        with visit(browser, address) as leaving:
            for page in (staying, leaving):
                give(page, images[0])
                status(page, "megapixels")
            uploads = set(root_below(temporary).glob("upload-*"))
        assert eventually(lambda: len(uploads & set(root_below(temporary).glob("upload-*"))) == len(uploads) - 1)
        choose(staying, "bicubic")
        status(staying, "bicubic")


@pytest.mark.parametrize(
    ("enhancer", "message"),
    [
        ("fails", "Enhancer fails of trouble 1.0 (trouble) failed: RuntimeError: on purpose"),
        ("crashes", "Internal error (RuntimeError); please report it"),
        ("quits", "Enhancer quits of trouble 1.0 (trouble) failed: SystemExit"),
    ],
)
def test_what_crashes_is_reported_and_the_page_goes_on(browser, address, images, enhancer, message):
    with visit(browser, address) as page, visit(browser, address) as other:
        choose(page, enhancer)
        give(page, images[0])
        page.get_by_text(message).first.wait_for()
        give(other, images[1])
        assert "100 x 140" in status(other, "megapixels")
        choose(page, "student")
        assert "160 x 120" in status(page, "megapixels")


def test_a_visitor_who_closes_the_page_leaves_no_file(browser, address, temporary, images):
    root = root_below(temporary)
    of_nobody = {"kept", "vibe_edit_history"}
    assert eventually(lambda: {entry.name for entry in root.iterdir()} == of_nobody)
    with visit(browser, address) as page:
        give(page, images[0])
        status(page, "megapixels")
        assert [*root.glob("upload-*")]
        assert [*root.glob("visit-*")]
    assert eventually(lambda: {entry.name for entry in root.iterdir()} == of_nobody)


@pytest.mark.parametrize("name", ["evil.svg", "evil.html", "evil.xhtml"])
def test_an_uploaded_page_runs_in_no_browser(browser, address, name):
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>document.title = 'run'; alert(1)</script></svg>"
    (path,) = httpx.post(f"{address}/gradio_api/upload", files={"files": (name, script)}).json()
    with visit(browser, address) as page:
        message = []
        page.on("dialog", lambda dialog: (message.append(dialog.message), dialog.dismiss()))
        with page.expect_download():
            page.evaluate("path => { window.location = '/gradio_api/file=' + path }", path)
        frame = "path => { const f = document.createElement('iframe'); f.src = path; document.body.append(f) }"
        with page.expect_download():
            page.evaluate(frame, f"/gradio_api/file={path}")
        assert not message
        assert page.title() == "sharpcli"


def test_a_program_has_its_share_and_whoever_asks_for_more_is_told(address, go, images, tmp_path):
    program = client(address, max_workers=2 * PROGRAMS_SHARE, download_files=str(tmp_path / "downloads"))
    try:
        ask = partial(program.submit, handle_file(images[0]), enhancer="waits", api_name="/enhance")
        jobs = [ask() for _ in range(PROGRAMS_SHARE)]
        assert eventually(lambda: all(job.status().code is Status.PROCESSING for job in jobs))
        with pytest.raises(Exception, match=f"ou already have {PROGRAMS_SHARE} images in work here"):
            ask().result()
        go.touch()
        assert all(Path(job.result()[0]).is_file() for job in jobs)
        assert Path(ask().result()[0]).is_file()
    finally:
        go.touch()
        program.close()


def test_without_the_password_there_is_nothing(browser, images):
    with demo("--auth", "me:secret") as (address, _):
        for path in ("config", "gradio_api/info", f"gradio_api/file={images[0]}", "gradio_api/queue/data"):
            assert httpx.get(f"{address}/{path}", params={"session_hash": "abc"}).status_code == 401
        for path in ("upload", "queue/join", "call/enhance", "run/enhance", "component_server/"):
            answer = httpx.post(f"{address}/gradio_api/{path}", json={"data": [], "session_hash": "abc"})
            assert answer.status_code == 401
        with pytest.raises(Exception, match="Could not login"):
            client(address, auth=("me", "guess"))
        program = client(address, auth=("me", "secret"))
        assert program.predict(handle_file(images[0]), api_name="/enhance")[1]
        program.close()
        page = browser.new_page()
        page.goto(address)
        page.get_by_label("username").fill("me")
        page.get_by_label("password").fill("secret")
        page.get_by_role("button", name="Login").click()
        give(page, images[0])
        status(page, "megapixels")
        page.close()


def ended(browser, address, process, number, image):
    """End a page by a signal while a visitor is there."""
    page = browser.new_page()
    page.goto(address)
    give(page, image)
    status(page, "megapixels")
    process.send_signal(number)
    process.wait(timeout=60)
    page.close()


def test_at_the_end_the_files_are_gone_though_visitors_are_there(browser, images, tmp_path):
    with demo(environment={"TMPDIR": str(tmp_path)}) as (address, process):
        ended(browser, address, process, signal.SIGINT, images[0])
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith("sharpcli")]


def test_what_a_killed_page_left_goes_when_the_next_starts_and_only_that(browser, address, temporary, images):
    environment, running = {"TMPDIR": str(temporary)}, root_below(temporary)
    with demo(environment=environment) as (other, killed):
        (upload,) = httpx.post(f"{other}/gradio_api/upload", files={"files": images[0].open("rb")}).json()
        left = Path(upload).parents[1]
        killed.kill()
        killed.wait()
        assert left.is_dir()
    with demo(environment=environment) as (following, process):
        assert not left.exists()
        assert len(list(temporary.glob(f"{PREFIX}*"))) == 2
        ended(browser, following, process, signal.SIGTERM, images[0])
    assert [entry for entry in temporary.iterdir() if entry.name.startswith("sharpcli")] == [running]
    assert httpx.get(address).status_code == 200
