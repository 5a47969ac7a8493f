"""What systemd is told, over real sockets."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from healthmon.net.systemd import Notifier


class Systemd:
    """The other end: receives what processes say."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        """All messages since the last call."""
        messages = []
        while True:
            try:
                messages.append(self.socket.recv(65536).decode())
            except BlockingIOError:
                return messages


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    """Listens on a socket that has a path."""
    listening = Systemd(str(tmp_path / "notify"))
    yield listening
    listening.socket.close()


@pytest.fixture
def notifier(tmp_path: Path) -> Iterator[Notifier]:
    """Speaks to that socket."""
    made = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}, clock=lambda: 1_234_567_890)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("say", "message"),
    [
        (lambda notifier: notifier.ready("Healthy: 9/10"), "READY=1\nSTATUS=Healthy: 9/10"),
        (lambda notifier: notifier.status("Healthy: 10/10"), "STATUS=Healthy: 10/10"),
        (lambda notifier: notifier.watchdog(), "WATCHDOG=1"),
        (lambda notifier: notifier.reloading(), "RELOADING=1\nMONOTONIC_USEC=1234567"),
        (lambda notifier: notifier.stopping(), "STOPPING=1"),
        (lambda notifier: notifier.status("one\nMAINPID=1\r\n\x1b[31mtwo"), "STATUS=one MAINPID=1 two"),
        (lambda notifier: notifier.status("größer ✓ \udce4"), "STATUS=größer ✓"),
    ],
)
def test_each_message(systemd: Systemd, notifier: Notifier, say: Callable[[Notifier], None], message: str) -> None:
    say(notifier)
    assert systemd.heard() == [message]


def test_a_socket_without_a_path() -> None:
    """Systemd writes "@" for the null byte with which the name of an abstract socket begins."""
    name = f"healthmon-test-{os.getpid()}"
    systemd = Systemd("\0" + name)
    notifier = Notifier({"NOTIFY_SOCKET": "@" + name})
    notifier.stopping()
    assert systemd.heard() == ["STOPPING=1"]
    notifier.close()
    systemd.socket.close()


def test_what_systemd_cannot_take_now_it_gets_later(systemd: Systemd, notifier: Notifier) -> None:
    """The queue of a datagram socket is short, and READY=1 must not be lost."""
    texts = [str(number) for number in range(40)]
    for text in texts:
        notifier.status(text)
    notifier.ready("at last")
    expected = [*(f"STATUS={text}" for text in texts), "READY=1\nSTATUS=at last", "WATCHDOG=1"]
    heard = systemd.heard()
    assert 0 < len(heard) < len(expected)
    while len(heard) < len(expected) - 1:
        notifier.watchdog()
        more = systemd.heard()
        assert more
        heard += [message for message in more if message != "WATCHDOG=1"]
    assert heard == expected[:-1]


def test_it_keeps_the_latest_while_nobody_listens(tmp_path: Path, notifier: Notifier) -> None:
    """Bounded, and without an error."""
    for number in range(1000):
        notifier.status(str(number))
    systemd = Systemd(str(tmp_path / "notify"))
    heard: list[str] = []
    for _ in range(20):
        notifier.watchdog()
        heard += systemd.heard()
    systemd.socket.close()
    assert [message for message in heard if message != "WATCHDOG=1"] == [f"STATUS={n}" for n in range(937, 1000)]


def test_after_closing_it_is_silent(systemd: Systemd, notifier: Notifier) -> None:
    notifier.close()
    notifier.status("more")
    assert systemd.heard() == []


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_outside_systemd_nothing_is_said(environ: dict[str, str]) -> None:
    """Nor for a machine whose manager is reached by other means than a local socket."""
    notifier = Notifier(environ)
    notifier.ready("")
    notifier.watchdog()
    notifier.close()
    assert notifier.watchdog_interval is None


def test_without_files_left_nothing_is_said(systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket, "socket", refuse)
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}).ready("")
    assert systemd.heard() == []


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": str(os.getpid())}, 1.5),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "x"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": ""}, None),
        ({}, None),
    ],
)
def test_how_often_systemd_wants_to_hear(environ: dict[str, str], seconds: float | None) -> None:
    """Only of the process that it means."""
    assert Notifier(environ).watchdog_interval == seconds
