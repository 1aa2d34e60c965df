"""What may not happen in `Alone` is seen, in processes that others start as well."""

import subprocess

import pytest

from tests.helpers.alone import Alone

BAD = {
    "socket.connect": "import socket; socket.socket().connect(('192.0.2.1', 80))",
    "socket.bind": "import socket; socket.socket().bind(('', 0))",
    "socket.sendto": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    "socket.getaddrinfo": "import urllib.request; urllib.request.urlopen('http://example.invalid/')",
    "socket.gethostbyname": "import socket; socket.gethostbyname('example.invalid')",
    "os.fork": "import os; os.fork()",
    "os.posix_spawn": "import os; os.posix_spawn('/bin/true', ['true'], {})",
    "subprocess.Popen": "import subprocess; subprocess.run(['true'])",
    "os.mkdir": "import pathlib; (pathlib.Path.home() / 'intel').mkdir()",
    "open": "import pathlib; (pathlib.Path.home() / 'id').write_text('x')",
}


@pytest.mark.parametrize("event", BAD)
def test_it_is_refused_and_written_down(event, tmp_path):
    alone = Alone(tmp_path, http_proxy="")
    process = alone.start("-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BAD[event]!r}])")
    assert "refused by a test" in process.communicate()[0]
    assert [attempt[0] for attempt in alone.attempts()] == [event]


def test_a_file_below_home_is_seen_whoever_made_it(tmp_path):
    alone = Alone(tmp_path)
    alone.run("-c", "pass")
    alone.home.chmod(0o700)
    subprocess.run(["touch", alone.home / "id"], check=True)
    assert alone.attempts() == [alone.home / "id"]


def test_what_a_program_needs_is_allowed(tmp_path):
    alone = Alone(tmp_path)
    code = """
import pathlib, socket, subprocess, tempfile
listening = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", listening.getsockname()[1])).close()
subprocess.run(["uname"], check=True)
tempfile.TemporaryFile()
pathlib.Path("out").mkdir()
pathlib.Path("out/a").write_text("a")
"""
    alone.run("-c", code)
