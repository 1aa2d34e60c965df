"""The browser edition below /edge of the page, behind the gate."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from sharpcli.web import edge_files
from sharpcli.web.edge_files import EdgeFiles
from sharpcli.web.gate.gate import gate_of
from sharpcli.web.service import Service
from sharpcli.web.visitors.files import Visits

FILES = {
    "index.html": b"<!doctype html>",
    "live.js": b"export const a = 1;",
    "manifest.webmanifest": b"{}",
    "networks/student-live-call-int8.bin": b"SHRP",
}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A function that gives a client of such a page, and says how it is served."""
    for name, content in FILES.items():
        path = tmp_path / "built" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(edge_files, "FOLDER", tmp_path / "built")

    def client(**settings):
        service = Service(**settings)
        routes = [Route("/", lambda request: PlainTextResponse("the page"))]
        app = Starlette(routes=routes, middleware=[*gate_of(service, Visits(tmp_path)), Middleware(EdgeFiles)])
        return TestClient(app, "http://127.0.0.1", root_path=service.root_path, follow_redirects=False)

    return client


def test_the_static_page_and_its_files_are_there_with_their_kinds(site):
    page = site()
    kinds = {}
    for name, content in FILES.items():
        answer = page.get(f"/edge/{name}")
        assert (answer.status_code, answer.content) == (200, content)
        kinds[name.rpartition(".")[2]] = answer.headers["content-type"].partition(";")[0]
    assert kinds.pop("js") in {"text/javascript", "application/javascript"}  # as the system or Gradio has it
    assert kinds == {
        "html": "text/html",
        "webmanifest": "application/manifest+json",
        "bin": "application/octet-stream",
    }
    assert page.get("/edge/").content == FILES["index.html"]
    assert page.get("/").text == "the page"


def test_a_browser_asks_again_and_is_told_that_nothing_changed(site):
    first = site().get("/edge/live.js")
    assert first.headers["cache-control"] == "no-cache"
    again = site().get("/edge/live.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_static_page_may_compile_webassembly_and_nothing_else(site):
    policy = site().get("/edge/").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["default-src"] == rules["frame-ancestors"] == "'self'"
    assert not any(word.startswith(("http", "*", "ws")) for rule in rules.values() for word in rule.split())


@pytest.mark.parametrize(
    "path",
    ["/edge/none.js", "/edge/networks", "/edge/networks/", "/edge/%2e%2e/secret.txt", "/edge//etc/passwd", "/edgy"],
)
def test_nothing_else_is_there(site, path):
    assert site().get(path).status_code == 404


def test_nothing_is_sent_to_it(site):
    assert site().post("/edge/", content=b"x").status_code == 404


def test_it_is_found_behind_a_proxys_path_that_was_taken_away_or_left(site):
    page = site(root_path="/sharp")
    for start in ("", "/sharp"):
        assert page.get(f"{start}/edge/live.js").content == FILES["live.js"]
        moved = page.get(f"{start}/edge")
        assert httpx.URL(f"http://127.0.0.1{start}/edge").join(moved.headers["location"]).path == f"{start}/edge/"


def test_a_page_with_a_login_shows_it_to_nobody_else(site):
    assert site(auth=("me", "secret")).get("/edge/live.js").status_code == 401


def test_a_page_of_another_site_cannot_embed_it(site):
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}
    assert site().get("/edge/live.js", headers=headers).status_code == 403


def test_where_it_was_not_built_the_page_lives_on_without_it(site, tmp_path, monkeypatch):
    monkeypatch.setattr(edge_files, "FOLDER", tmp_path / "none")
    assert site().get("/edge/live.js").status_code == 404
    assert site().get("/").text == "the page"
