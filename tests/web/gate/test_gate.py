"""The gate in front of a real Gradio page: what it lets in, and what it turns away."""

import json
import shutil
import socket
import time
from pathlib import Path
from urllib.parse import quote

import gradio as gr
import httpx
import pytest
from gradio_client import handle_file
from PIL import Image as PILImage

import sharpcli_student
from sharpcli.web.gate.gate import gate_of
from sharpcli.web.limits import Limits
from sharpcli.web.service import Service
from sharpcli.web.visitors.files import Visits
from sharpcli.web.visitors.uploads import keep_below
from tests.web.conftest import client

UPLOAD = 300_000
ELSEWHERE = [
    "http://example.com/a.png",
    "HTTPS://example.com/a.png",
    "ftp://example.com/a.png",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "//example.com/a.png",
    "\\\\example.com\\share\\a.png",
]


def launched(host, root):
    keep_below(root)
    visits = Visits(root)
    with gr.Blocks() as page:
        first, second = gr.Image(type="filepath"), gr.Image(type="filepath")
        gr.Button().click(lambda path: path, first, second, api_name="echo")
        gr.Button().click(lambda: "light", None, gr.Textbox(), api_name="light", queue=False)

        def left(request: gr.Request):
            visits.leave(request)

        page.unload(left)
    page.queue(api_open=False)
    middleware = gate_of(Service(host, limits=Limits(upload=UPLOAD)), visits)
    page.launch(quiet=True, prevent_thread_lock=True, run_history=False, app_kwargs={"middleware": middleware})
    return page


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Where the pages keep their files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", "")  # given back at the end
        yield tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def url(root):
    page = launched("127.0.0.1", root)
    yield page.local_url.rstrip("/")
    page.close()


@pytest.fixture(scope="module")
def open_url(root):
    page = launched("0.0.0.0", root)
    yield page.local_url.rstrip("/")
    page.close()


@pytest.fixture
def image(tmp_path, photo):
    path = tmp_path / "cat.png"
    PILImage.fromarray(photo[:64, :64]).save(path)
    return path


http = httpx.Client(timeout=60)


def upload(url, name, content, **kwargs):
    return http.post(f"{url}/gradio_api/upload", files={"files": (name, content)}, **kwargs)


def file_of(path):
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}}


def called(url, data):
    """What a call of /echo answers: refused at once, or the last event and what it brought."""
    answer = http.post(f"{url}/gradio_api/call/echo", json={"data": [data]})
    if answer.status_code != 200:
        return answer.status_code, answer.json()["detail"][0]["message"]
    message = http.get(f"{url}/gradio_api/call/echo/{answer.json()['event_id']}", timeout=60).text
    event, brought = message.strip().split("\n")[-2:]
    return event.removeprefix("event: "), json.loads(brought.removeprefix("data: "))


def test_gradio_client_sharpens_through_the_gate_as_without(url, image):
    program = client(url)
    try:
        echoed = program.predict(handle_file(str(image)), api_name="/echo")
        assert Path(echoed).read_bytes() == image.read_bytes()
        assert program.predict(api_name="/light") == "light"
    finally:
        program.close()


def gone(path):
    """Whether a file is deleted within a while: it happens after its visitor has left."""
    for _ in range(200):
        if not Path(path).exists():
            return True
        time.sleep(0.1)
    return False


def test_what_a_visitor_uploaded_goes_with_him(url, root, image):
    leaving, staying = client(url), client(url)
    try:
        theirs = []
        for program in (leaving, staying):
            before = set(root.glob("upload-*"))
            program.predict(handle_file(str(image)), api_name="/echo")
            theirs.append(set(root.glob("upload-*")) - before)
        ((his,), (hers,)) = theirs
        leaving.close()
        assert gone(his)
        assert (hers / image.name).read_bytes() == image.read_bytes()
    finally:
        leaving.close()
        staying.close()


def test_gradio_client_reads_why_an_address_is_refused(url):
    program = client(url)
    try:
        with pytest.raises(Exception, match="does not fetch URLs"):
            program.predict(handle_file("https://example.com/a.png"), api_name="/echo")
    finally:
        program.close()


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("route", ["queue/join", "call/echo", "call/v2/echo", "run/echo", "component_server/"])
def test_no_route_takes_an_address_for_a_file(url, route, address):
    for value in (file_of(address), [{"image": file_of(address), "caption": None}], {"path": address}):
        body = {"data": [value], "fn_index": 0, "session_hash": "abc", "first": value}
        answer = http.post(f"{url}/gradio_api/{route}", json=body)
        assert answer.status_code == 422
        assert "does not fetch URLs" in answer.json()["detail"][0]["message"]


def test_an_address_in_what_an_event_brings_is_refused_too(url):
    body = {"data": [None], "fn_index": 0, "session_hash": "abc", "event_data": {"value": file_of(ELSEWHERE[0])}}
    assert http.post(f"{url}/gradio_api/queue/join", json=body).status_code == 422


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_an_address_in_another_encoding_is_refused(url, encoding):
    body = json.dumps({"data": [file_of(ELSEWHERE[0])]}).encode(encoding)
    answer = http.post(f"{url}/gradio_api/call/echo", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("body", [b"{", b"[" * 2000, b"\xff\xfe"])
def test_what_is_no_json_is_refused(url, body):
    answer = http.post(f"{url}/gradio_api/queue/join", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "The request is not JSON.")


def test_what_a_component_asks_of_the_server_brings_no_files(url, root):
    before = sorted(root.rglob("*"))
    names = {"session_hash": "abc", "component_id": "1", "fn_name": "echo"}
    answer = http.post(f"{url}/gradio_api/component_server/", data=names, files={"a": b"content"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "The request is not JSON.")
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("address", [*ELSEWHERE, "http%3A//example.com/a.png"])
def test_nothing_is_fetched_from_elsewhere(url, address):
    assert http.get(f"{url}/gradio_api/file={address}").status_code == 403
    assert http.get(f"{url}/gradio_api/proxy={address}").status_code == 404
    assert http.get(f"{url}/gradio_api/file/{address}").status_code == 404


@pytest.mark.parametrize(
    "route",
    [
        "GET vibe-code",
        "POST vibe-code",
        "POST vibe-edit",
        "POST undo-vibe-edit",
        "POST vibe-starter-queries",
        "GET dev/reload",
        "POST process_recording",
        "GET runs",
        "POST run-history/connect",
        "GET run-history/records",
        "GET deep_link",
        "GET token",
        "GET custom_component/a/client/component/index.js",
        "POST stream/abc",
        "POST stream/abc/close",
        "GET profiling/traces",
        "POST api/echo",
        "GET queue/status",
        "GET mcp/schema",
        "POST mcp/",
        "GET openapi.json",
        "GET user",
        "GET ../monitoring",
        "PUT upload",
        "GET ../monitoring/summary",
        "GET ../docs",
        "GET ../svelte/a.js",
        "GET ../edgy",
        "POST ../edge/live.js",
        "GET ../pwa_icon/4096",
        "GET upload",
        "DELETE upload",
        "GET stream/a/b/1/playlist.m3u8",
        "GET stream/a/b/1/playlist-file",
    ],
)
def test_what_the_page_has_no_use_for_is_not_there(url, route):
    method, path = route.split()
    answer = http.request(method, f"{url}/gradio_api/{path}")
    assert (answer.status_code, "Not found." in answer.text) == (404, True)


def test_the_queue_cannot_be_passed_by(url):
    answer = http.post(f"{url}/gradio_api/run/echo", json={"data": [None]})
    assert answer.status_code == 404
    assert "join the queue" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["../../etc", "a/b", "..", "a" * 65, "a b", 7])
def test_the_name_of_a_session_is_no_path(url, name):
    body = {"data": [None], "fn_index": 0, "session_hash": name}
    assert http.post(f"{url}/gradio_api/queue/join", json=body).status_code == 400
    answer = http.get(f"{url}/gradio_api/queue/data", params={"session_hash": "ok", "upload_id": str(name) + "/"})
    assert answer.status_code == 400
    assert http.get(f"{url}/gradio_api/heartbeat/{name}/").status_code == 404


@pytest.mark.parametrize("announced", [True, False])
def test_an_upload_that_is_too_large_is_refused_and_leaves_nothing(url, root, announced):
    before = set(root.rglob("*"))
    if announced:
        answer = upload(url, "a.png", bytes(UPLOAD + 1))
    else:  # in two files, each small enough, and with no length told beforehand
        request = httpx.Request("POST", url, files=[("files", ("a.png", bytes(UPLOAD // 2 + 1)))] * 2)
        headers = {"content-type": request.headers["content-type"]}
        body = request.read()
        pieces = (body[start : start + 50_000] for start in range(0, len(body), 50_000))
        answer = http.post(f"{url}/gradio_api/upload", content=pieces, headers=headers)
    assert answer.status_code == 413
    assert answer.text == "This upload is larger than 0.3 MB, the maximum allowed size."
    assert set(root.rglob("*")) == before


def test_an_upload_that_breaks_off_leaves_nothing(url, root):
    before = set(root.rglob("*"))
    request = httpx.Request("POST", f"{url}/gradio_api/upload", files={"files": ("a.png", bytes(UPLOAD - 1000))})
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {request.url.netloc.decode()}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items() if name != "host")
    with socket.create_connection((request.url.host, request.url.port)) as line:
        line.sendall(f"{head}\r\n".encode() + request.read()[: UPLOAD // 2])
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            pass
    # Another upload comes after it: by its answer the broken one has been dealt with.
    kept = upload(url, "b.png", b"whole").json()
    assert {path for path in root.rglob("*") if path.is_file()} - before == {Path(kept[0])}


def test_a_disk_that_is_nearly_full_takes_no_uploads(url, root, monkeypatch):
    usage = shutil.disk_usage(root)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=UPLOAD - 1))
    answer = upload(url, "a.png", b"small")
    assert (answer.status_code, "disk space" in answer.text) == (507, True)


def test_only_files_are_uploaded(url):
    answer = http.post(f"{url}/gradio_api/upload", files={"text": (None, "a" * 1000)})
    assert (answer.status_code, answer.text) == (400, "Only files can be uploaded.")


def test_a_large_request_that_is_no_upload_is_refused(url):
    for route in ("queue/join", "call/echo"):
        answer = http.post(f"{url}/gradio_api/{route}", json={"data": ["a" * 4_000_000]})
        assert answer.status_code == 413
        assert answer.json()["detail"] == "This request is larger than 4 MB; send a file as an upload."


def test_the_same_image_of_two_visitors_lies_in_two_folders(url, image):
    content = image.read_bytes()
    (first,), (second,) = upload(url, "a.png", content).json(), upload(url, "a.png", content).json()
    assert first != second
    assert Path(first).read_bytes() == Path(second).read_bytes() == content


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:7860"])
def test_this_machine_is_known_by_its_names(url, host):
    assert http.get(url, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "x-gradio-server"])
@pytest.mark.parametrize("host", ["evil.com", "evil.com:7860", "127.0.0.1.evil.com", "localhost.evil.com", "10.0.0.1"])
def test_another_name_of_this_machine_is_refused(url, open_url, name, host):
    value = f"http://{host}" if name == "x-gradio-server" else host
    answer = http.get(f"{url}/config", headers={name: value})
    assert (answer.status_code, "--allow-host" in answer.text) == (403, True)
    status = 200 if host == "10.0.0.1" else 403  # an address in numbers is nobody's trick
    assert http.get(f"{open_url}/config", headers={name: value}).status_code == status


@pytest.mark.parametrize("origin", ["http://evil.com", "null", "http://127.0.0.1:1", "http://localhost", "https://"])
def test_a_page_of_another_site_cannot_use_this_one(url, open_url, origin):
    for page in (url, open_url):
        headers = {"origin": origin}
        for route in ("queue/join", "upload", "cancel", "run/light"):
            answer = http.post(f"{page}/gradio_api/{route}", headers=headers, json={"data": []})
            assert (answer.status_code, "another site" in answer.text) == (403, True)
        assert http.get(f"{page}/config", headers=headers).status_code == 403


def test_the_page_itself_can_use_it(url):
    own = http.post(f"{url}/gradio_api/run/light", headers={"origin": url}, json={"data": []})
    assert own.json()["data"] == ["light"]


def test_another_site_can_link_to_the_page_but_embed_nothing_of_it(url):
    site = {"sec-fetch-site": "cross-site"}
    link = {**site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert http.get(url, headers=link).status_code == 200
    for headers in ({**link, "sec-fetch-dest": "iframe"}, {**site, "sec-fetch-mode": "no-cors"}):
        assert http.get(url, headers=headers).status_code == 403
    assert http.get(f"{url}/logout", headers=link).status_code == 403
    assert http.get(f"{url}/gradio_api/heartbeat/abc", headers=link).status_code == 403


def test_a_page_may_use_only_itself(url):
    headers = http.get(url).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == "'self'"
    assert not any(word.startswith(("http", "*", "ws")) for rule in rules.values() for word in rule.split())
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.xml", "a.txt", "a.json", "a.pdf", "a"])
def test_an_uploaded_file_is_saved_and_never_run(url, name):
    (path,) = upload(url, name, b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>").json()
    evil = {"range": "bytes=0-9999", "content-type": "text/html", "content-disposition": "inline", "set-cookie": "a=b"}
    for sent in ({}, evil):
        headers = http.get(f"{url}/gradio_api/file={path}", headers=sent).headers
        assert headers["content-disposition"].startswith("attachment")
        assert "sandbox" in headers["content-security-policy"]
        assert "html" not in headers["content-type"]
        assert "set-cookie" not in headers
        assert headers["x-content-type-options"] == "nosniff"


def test_an_uploaded_image_is_shown(url, image):
    (path,) = upload(url, "cat.png", image.read_bytes()).json()
    answer = http.get(f"{url}/gradio_api/file={path}")
    assert answer.content == image.read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("inline")


def test_no_file_of_the_server_can_be_had(url, root, image, monkeypatch):
    monkeypatch.chdir(image.parent)
    weights = next(Path(sharpcli_student.__file__).parent.rglob("*.onnx"))
    for path in ("/etc/passwd", weights, image, image.name, f"{root}/../../../../../{image}", "a\0b", "", root):
        assert http.get(f"{url}/gradio_api/file={quote(str(path), safe='')}").status_code in {403, 404}
        # Gradio looks into no image's path that comes without the mark of a file.
        for given in (file_of(path), {"path": str(path)}, {**file_of(path), "is_stream": True}):
            assert called(url, given) == (422, "This file is not on the server; upload it first.")
    for folder in (root, root.parent, "/"):
        assert http.get(f"{url}/gradio_api/file={folder}").status_code == 403


def test_a_visitors_own_file_can_be_had(url, image):
    (path,) = upload(url, "cat.png", image.read_bytes()).json()
    state, (brought,) = called(url, file_of(path))
    assert (state, brought["path"]) == ("complete", path)
