import errno
import socket

import pytest

from sharpcli.errors import SharpError
from sharpcli.web.listening import check_listening


@pytest.fixture
def taken():
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_told_in_our_own_words(sharpcli, taken):
    done = sharpcli("demo", "--port", taken, "--no-browser")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"Error: port {taken} is in use by another program; choose another --port, or none for the first free one"
    ]


def test_a_port_that_becomes_free_can_be_had(taken):
    with pytest.raises(SharpError, match="in use"):
        check_listening("127.0.0.1", taken)
    check_listening("127.0.0.1", None)
    check_listening("localhost", None)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "256.1.1.1", "192.0.2.1", "a" * 70 + ".invalid"])
def test_a_host_that_is_not_this_machine_is_told(host):
    with pytest.raises(SharpError, match="cannot listen on"):
        check_listening(host, None)


def test_a_port_of_the_system_is_told(monkeypatch):
    def refused(self, address):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    with pytest.raises(SharpError, match="administrator"):
        check_listening("127.0.0.1", 80)


def test_where_gradio_finds_no_port_its_words_are_not_told(sharpcli, monkeypatch):
    import gradio as gr

    def launch(self, **settings):
        raise OSError("Cannot find empty port in range: 7860-7959. You can specify a different port by ...")

    monkeypatch.setattr(gr.Blocks, "launch", launch)
    done = sharpcli("demo", "--no-browser")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == ["Error: no port from 7860 on is free on 127.0.0.1; choose one with --port"]
