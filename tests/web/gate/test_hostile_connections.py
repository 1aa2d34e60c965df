"""Connections that keep a server waiting, against a bare server with the page's limits."""

import re
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest
import uvicorn

from sharpcli.web.gate import connections
from sharpcli.web.gate.connections import protect
from sharpcli.web.serve import Server

HALF = b"POST /a HTTP/1.1\r\nHost: a\r\n"
WHOLE = HALF + b"Content-Length: 1000\r\n\r\n"
FILES, VISITORS = 320, 400
SERVED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))
import uvicorn
from sharpcli.web.gate.connections import protect
async def echo(scope, receive, send):
    while scope["type"] == "http" and (await receive()).get("more_body"):
        pass
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": b"here"}})
server = uvicorn.Server(protect(uvicorn.Config(echo, host="127.0.0.1", port=0, log_level="info")))
server.run()
"""


async def echo(scope, receive, send):
    """Answers how many bytes a request had; on /large with more than a socket holds."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = bytes(50_000_000) if scope["path"] == "/large" else str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port(monkeypatch):
    """Of a server with limits that tests need not wait for."""
    for name, value in {"REQUEST": 0.5, "BODY": 0.5, "READING": 0.5, "IDLE": 1}.items():
        monkeypatch.setattr(connections, name, value)
    monkeypatch.setattr(connections, "most_connections", lambda: 8)
    server = uvicorn.Server(protect(uvicorn.Config(echo, host="127.0.0.1", port=0, log_level="warning")))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(30)


def connected(port, sent=b""):
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.sendall(sent)
    return line


def told(line):
    """All that comes until the server closes the connection."""
    found = b""
    try:
        while part := line.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize("sent", [b"", HALF, WHOLE, WHOLE + b"a" * 100])
def test_what_sends_no_more_is_closed(port, sent):
    with connected(port, sent) as line:
        assert told(line) == b""


def test_what_sends_a_byte_now_and_then_is_closed(port):
    for start in (HALF + b"X: ", WHOLE):
        with connected(port, start) as line, pytest.raises((ConnectionError, BrokenPipeError)):
            while True:
                line.sendall(b"x")
                time.sleep(0.1)


def test_what_goes_on_sending_after_its_answer_is_closed(port):
    """An answer that comes before all of the request: here to a second one, for which nobody waits."""
    with connected(port, WHOLE + b"a" * 1000 + HALF) as line:
        assert told(line).endswith(b"1000")


def test_what_takes_no_answer_is_closed(port):
    with connected(port, b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n") as line:
        line.settimeout(0.1)
        time.sleep(1.5)
        line.settimeout(30)
        assert len(told(line)) < 50_000_000


def test_a_slow_but_steady_upload_is_taken(port):
    def pieces():
        for _ in range(12):
            time.sleep(0.1)
            yield bytes(1000)

    assert httpx.post(f"http://127.0.0.1:{port}/", content=pieces(), timeout=30).text == "12000"


def test_those_who_only_wait_make_room_and_those_who_are_served_do_not(port, monkeypatch, capsys):
    monkeypatch.setattr(connections, "REQUEST", 60)
    monkeypatch.setattr(connections, "BODY", 60)
    waiting = [connected(port, HALF) for _ in range(40)]
    assert httpx.post(f"http://127.0.0.1:{port}/", content=b"abc", timeout=30).text == "3"
    busy = [connected(port, WHOLE) for _ in range(8)]
    for line in busy:
        line.sendall(b"a" * 999)
    time.sleep(0.2)
    with connected(port) as late:
        assert b"503" in told(late)
    for line in busy:
        line.sendall(b"a")
        line.shutdown(socket.SHUT_WR)
        assert told(line).endswith(b"1000")
    for line in waiting + busy:
        line.close()
    assert "refused, 9 are open" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_more_connections_than_files_end_no_server():
    process = subprocess.Popen([sys.executable, "-c", SERVED], stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if match := re.search(r"http://127.0.0.1:(\d+)", line):
                break
        found = [connected(int(match[1]), HALF) for _ in range(VISITORS)]
        for _ in range(3):
            assert httpx.post(f"http://127.0.0.1:{match[1]}/", content=b"abc", timeout=60).text == "here"
        for line in found:
            line.close()
    finally:
        process.terminate()
        _, rest = process.communicate(timeout=60)
    assert len(rest) < 10_000


def test_the_page_is_served_with_these_limits():
    config = Server(uvicorn.Config(echo)).config
    assert issubclass(config.http, connections.Connection)
    assert config.http.limit >= connections.FEWEST
