"""What a stranger may try over the network against a shared page: each was done to it once."""

import base64
import hashlib
import re
from contextlib import nullcontext

import pytest

from sharpcli.web.gate import crowd, log
from sharpcli.web.gate.log import LINES
from sharpcli.web.gate.login import OF_ADDRESS, OF_USER, REMEMBERED, Brake
from sharpcli.web.gate.refused import RequestRefused
from sharpcli.web.serve import queueing
from sharpcli.web.visitors.quota import EACH, FILES, Allowance, Quota, QuotaExceeded
from sharpcli.web.visitors.uploads import keep_below
from tests.web.gate.hostile import ELSEWHERE, PASSWORD, USER, page, upload_of

UPLOAD = 300_000
NESTED = b"[" * 500 + b"]" * 500
WIDE = b'{"data": [' + b"[],[]," * 500_000 + b"[]]}"
PRIVATE = [
    "GET /config", "GET /gradio_api/info", "GET /gradio_api/heartbeat/abc", "GET /gradio_api/queue/data",
    "GET /gradio_api/upload_progress", "GET /gradio_api/file=/etc/passwd", "POST /gradio_api/queue/join",
    "POST /gradio_api/cancel", "POST /gradio_api/reset", "POST /gradio_api/component_server/",
    "POST /gradio_api/call/echo", "POST /gradio_api/run/echo", "POST /gradio_api/upload",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", "")  # given back at the end
        folder = tmp_path_factory.mktemp("files")
        keep_below(folder)
        yield folder


@pytest.fixture(scope="module")
def shared(root):
    return page(root)


@pytest.fixture(autouse=True)
def nothing_printed_yet(monkeypatch):
    """What one test caused often is no news in the next."""
    monkeypatch.setattr(log, "_SPARING", log.Sparing())


@pytest.fixture
def locked(root):
    return page(root, (USER, PASSWORD))


@pytest.mark.parametrize("route", PRIVATE)
def test_nothing_is_read_of_those_who_have_not_logged_in(locked, route):
    method, path = route.split()
    answer = locked.ask(method, path, pieces=[b"x" * 1000] * 3, content_type="application/json")
    assert (answer.status, answer.read) == (401, 0)
    assert "log in" in answer.text


def test_the_login_is_all_that_a_stranger_sees(locked):
    for path in ("/", "/theme.css", "/gradio_api/app_id"):
        assert locked.get(path).status == 200
    assert '"components":[]' in locked.get("/").text
    cookie = locked.log_in().headers["set-cookie"].split(";")[0]
    assert "echo" in locked.get("/", cookie=cookie).text
    assert locked.get("/config", cookie=cookie).json()["username"] == USER
    assert locked.get("/config", cookie="access-token-=x; y").status == 401


@pytest.mark.parametrize("route", ["cancel", "reset", "queue/join", "component_server/", "call/echo"])
@pytest.mark.parametrize("body", [WIDE, NESTED, b'{"data": "%s"}' % (b"x" * 3_999_000)])
def test_no_request_is_sent_back_to_its_sender(shared, route, body):
    answer = shared.post(f"/gradio_api/{route}", body)
    assert answer.status in {400, 404, 413, 422, 500}
    assert len(answer.body) < 2000


def test_a_cancel_takes_few_bytes_and_a_request_few_values(shared):
    for route in ("/gradio_api/cancel", "/gradio_api/reset", "/login"):
        assert shared.post(route, b"x" * 4001).status == 413
    answer = shared.post("/gradio_api/queue/join", WIDE)
    assert (answer.status, answer.json()["detail"]) == (
        413,
        "This request has more than 50,000 values; send fewer files at a time.",
    )
    assert shared.post("/gradio_api/queue/join", NESTED).status == 400
    answer = shared.post("/gradio_api/cancel", {"session_hash": "a", "fn_index": "secret", "event_id": "b"})
    assert (answer.status, "secret" in answer.text, "fn_index" in answer.text) == (422, False, True)


def test_a_traceback_is_printed_once_however_often_it_is_caused(shared, capsys):
    for _ in range(LINES + 20):
        answer = shared.post("/gradio_api/call/v2/nothing", {})
        assert (answer.status, answer.json()["error"]) == (500, "Internal error; see the server's output.")
    assert capsys.readouterr().err.count("Traceback") == LINES


def test_what_a_request_holds_does_not_fill_the_terminal(capsys):
    for number in range(LINES + 20):
        try:
            raise ValueError(f"received {number}: " + "x" * 100_000)
        except ValueError:
            queueing.traceback.print_exc()
    printed = capsys.readouterr().err
    assert printed.count("ValueError: received") == LINES
    assert len(printed) < LINES * 3000


def test_guessing_passwords_gets_slower_and_is_printed(locked, capsys):
    for number in range(OF_ADDRESS[0]):
        assert locked.log_in(password=f"guess {number}").status == 400
    for _ in range(50):
        answer = locked.log_in()
        assert (answer.status, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert locked.log_in(address="198.51.100.8").status == 200
    lines = [line for line in capsys.readouterr().err.splitlines() if "password" in line]
    assert len(lines) == LINES
    assert lines[0] == f"warning: wrong password for '{USER}' from {ELSEWHERE}, 1 in a row"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def wrong(brake, address, user="anna"):
    brake.check(address, user)
    brake.failed(address, user)


def test_after_the_wait_the_right_password_is_taken_and_all_is_forgotten():
    clock = Clock()
    brake = Brake(clock)
    waits = []
    for _ in range(OF_ADDRESS[0] + 15):
        wrong(brake, "a")
        start = clock.now
        while True:
            try:
                brake.check("a", "anna")
                break
            except RequestRefused as refused:
                assert refused.status == 429
                clock.now += int(refused.headers["retry-after"])
        waits.append(clock.now - start)
    assert waits[: OF_ADDRESS[0] - 1] == [0] * (OF_ADDRESS[0] - 1)
    assert waits == sorted(waits)
    assert OF_ADDRESS[1] <= waits[-1] <= OF_ADDRESS[1] + 1
    brake.passed("a", "anna")
    wrong(brake, "a")
    brake.check("a", "anna")


def test_guesses_from_everywhere_do_not_shut_out_who_logged_in_before(monkeypatch, capsys):
    brake = Brake(Clock())
    brake.passed("known", "anna")
    for number in range(OF_USER[0]):
        wrong(brake, f"address {number}")
    with pytest.raises(RequestRefused, match="Too many wrong passwords"):
        brake.check("another", "anna")
    brake.check("known", "anna")
    brake.check("another", "somebody else")
    for number in range(REMEMBERED + 100):
        brake.failed(f"address {number}", f"user {number}")
    assert len(brake._addresses._found) == len(brake._users._found) == REMEMBERED


@pytest.mark.parametrize("name", ["host", "x_forwarded_host", "x_gradio_server"])
def test_a_name_that_somebody_else_gave_this_machine_is_refused(shared, name):
    for host in ("evil.example", "evil.example:7860", "192.0.2.1.evil.example", ""):
        value = f"http://{host}" if name == "x_gradio_server" else host
        answer = shared.get("/config", **{name: value})
        if host or name == "host":
            assert (answer.status, "--allow-host" in answer.text) == (403, True)
    for host in ("192.0.2.1", "[2001:db8::1]:7860", "localhost:1"):
        assert shared.get("/config", host=host).status == 200


def test_a_name_that_the_operator_gave_is_answered(root, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Workshop.lan")
    local, everywhere = page(root, host="127.0.0.1", allowed=("photos.example",)), page(root)
    assert local.get("/config", host="photos.example:443").status == 200
    assert local.get("/config", host="192.0.2.1").status == 403
    for name in ("workshop", "workshop.lan:7860", "workshop.local"):
        assert everywhere.get("/config", host=name).status == 200


def upload(asked, *contents, **settings):
    body, kind = upload_of(*contents)
    pieces = [body[start : start + 50_000] for start in range(0, len(body), 50_000)]
    return asked.ask("POST", "/gradio_api/upload", pieces=pieces, content_type=kind, **settings)


def test_one_visitor_cannot_fill_the_disk(root):
    asked = page(root, upload=UPLOAD)
    before = set(root.iterdir())
    kept = [upload(asked, bytes(UPLOAD - 1000)) for _ in range(EACH)]
    assert {answer.status for answer in kept} == {200}
    answer = upload(asked, bytes(UPLOAD - 1000))
    assert (answer.status, answer.text) == (
        413,
        "Your uploads are larger than 1.2 MB together, the maximum allowed size; close the page to delete them.",
    )
    assert len(set(root.iterdir()) - before) == EACH
    assert upload(asked, bytes(1000), address="198.51.100.9").status == 200
    asked.visits.arrive("me")
    for path in kept[0].json():
        asked.visits.claim("me", path)
    asked.visits.depart("me")
    assert upload(asked, bytes(UPLOAD - 1000)).status == 200


def test_many_visitors_cannot_fill_the_disk(root, monkeypatch):
    monkeypatch.setattr("sharpcli.web.visitors.quota.ALL", 2)
    monkeypatch.setattr("sharpcli.web.visitors.quota.ALL_FILES", 5)
    asked = page(root, upload=UPLOAD)
    answers = [upload(asked, bytes(UPLOAD - 1000), address=f"198.51.100.{number}") for number in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 413]
    assert "all visitors" in answers[-1].text


def test_many_empty_files_are_refused_too(root):
    quota, allowance = Quota(root), Allowance.of(UPLOAD)
    for number in range(FILES):
        quota.take(f"upload-{number}", "a", 0, allowance)
    for address, more in (("a", QuotaExceeded), ("b", None)):
        with pytest.raises(more) if more else nullcontext():
            quota.take(f"upload-of-{address}", address, 0, allowance)
    quota.release("upload-7")
    quota.take("upload-again", "a", 0, allowance)


def test_an_upload_that_fails_does_not_count(root):
    asked = page(root, upload=UPLOAD)
    for _ in range(3 * EACH):
        assert upload(asked, bytes(UPLOAD + 1)).status == 413
    assert upload(asked, bytes(UPLOAD - 1000)).status == 200


def test_a_client_has_so_many_requests_at_a_time(monkeypatch):
    counted = crowd.Crowd(2)
    with counted.one_more("a"), counted.one_more("a"), counted.one_more("b"):
        with pytest.raises(RequestRefused, match="Too many requests at once"), counted.one_more("a"):
            pass
        with counted.one_more("127.0.0.1"), counted.one_more("127.0.0.1"), counted.one_more("127.0.0.1"):
            pass
    with counted.one_more("a"):
        pass


def test_the_page_is_made_once_and_sent_once(shared):
    first = shared.get("/")
    assert first.status == 200
    assert shared.get("/", query="page=nothing&deep_link=x&__theme=dark").body == first.body
    assert shared.get("/", if_none_match=first.headers["etag"]).status == 304
    assert shared.get("/", if_none_match='"other"').status == 200
    other = shared.get("/", host="192.0.2.2:7860")
    assert "192.0.2.2" in other.text
    assert "192.0.2.2" not in shared.get("/").text
    assert {"no-cache", "private"} == {*first.headers["cache-control"].replace(" ", "").split(",")}


def test_only_scripts_that_the_page_came_with_may_run(shared):
    answer = shared.get("/")
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    allowed = policy["script-src"].split()
    assert "'unsafe-inline'" not in allowed
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts}
    assert digests
    assert {f"'sha256-{digest}'" for digest in digests} <= set(allowed)
