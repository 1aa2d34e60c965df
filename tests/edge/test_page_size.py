"""What a visitor downloads, compressed as a host would."""

import gzip

import pytest

from tests.edge.static_page import BUILT, choose

KB = 1000


def size(path):
    return len(gzip.compress(path.read_bytes(), mtime=0))


@pytest.mark.parametrize("backend", ["webgpu", "webgl2", "wasm"])
def test_a_first_visit_with_a_picture_is_small(browser, address, file, backend):
    context = browser.new_context(service_workers="block")
    page, asked = context.new_page(), set()
    page.on("request", lambda request: asked.add(request.url.partition("?")[0]))
    page.goto(f"{address}?backend={backend}")
    choose(page, file)
    asked |= {worker.url for worker in page.workers}
    context.close()
    names = {url.removeprefix(address) or "index.html" for url in asked}
    assert {"index.html", "index.js", "index.css", "networks/student-live-photo-int8.bin"} < names
    assert sum(size(BUILT / name) for name in names if not name.startswith("blob:")) <= 60 * KB


def test_all_that_is_kept_for_use_without_a_connection():
    kept = [path for path in BUILT.rglob("*") if path.is_file() and not path.name.startswith("estimator")]
    assert sum(size(path) for path in kept) <= 650 * KB
