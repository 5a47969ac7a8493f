"""A command that is run to its end, and the signals that come meanwhile: at any moment, none is missed."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healthmon.app.interruption import Noted, noted
from healthmon.cli.gate import attended
from healthmon.cli.gate.attended import LeftAlone, NotStarted, attend

TOLD = "trap 'echo told; exit 7' INT TERM; echo ready; while :; do sleep 60 >&- 2>&- & wait; done"
"""Ends with 7 when it is told to end."""
DEAF = "trap '' INT TERM; echo ready; while :; do sleep 60 >&- 2>&- & wait; done"


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs these tests may have one: then Ctrl-C would have reached the command by itself."""
    monkeypatch.setattr(attended, "_in_terminal", lambda: False)


@pytest.fixture
def said(tmp_path: Path) -> Iterator[int]:
    """The descriptor of a file to which the command writes."""
    descriptor = os.open(tmp_path / "said", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


def text(descriptor: int) -> str:
    """What was written so far."""
    return os.pread(descriptor, 4096, 0).decode()


def attended_to(script: str, said: int, note: Noted) -> int:
    """Run a script of the shell."""
    with Path(os.devnull).open("rb") as nothing:
        environ = {os.fsencode("PATH"): os.fsencode(os.environ["PATH"])}
        return attend(["sh", "-c", script], stdin=nothing.fileno(), stdout=said, environ=environ, noted=note)


def signalling(monkeypatch: pytest.MonkeyPatch, said: int, *numbers: signal.Signals) -> list[int]:
    """Have signals come when the command is ready, each between the look whether it has ended and the wait for that.

    Returns:
        The processes that were looked at.
    """
    coming, looked_at, look = list(numbers), list[int](), subprocess.Popen.poll

    def looking(process: "subprocess.Popen[bytes]") -> Any:
        looked_at.append(process.pid)
        while coming and "ready" not in text(said) and look(process) is None:
            os.sched_yield()
        status = look(process)
        if coming:
            signal.raise_signal(coming.pop(0))
        return status

    monkeypatch.setattr(subprocess.Popen, "poll", looking)
    return looked_at


@pytest.mark.parametrize("status", [0, 3])
def test_it_ends_as_it_ends(status: int, said: int) -> None:
    """What it wrote is where it was to be."""
    with noted() as note:
        assert attended_to(f"echo done; exit {status}", said, note) == status
    assert text(said) == "done\n"


def test_one_that_a_signal_ends(said: int) -> None:
    """Is told by a negative number."""
    with noted() as note:
        assert attended_to("kill -USR1 $$", said, note) == -signal.SIGUSR1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_just_before_the_wait_is_passed_on(
    number: signal.Signals, said: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rings the bell for which is waited."""
    signalling(monkeypatch, said, number)
    with noted() as note:
        assert attended_to(TOLD, said, note) == 7
    assert text(said) == "ready\ntold\n"


def test_a_second_signal_leaves_it_alone(said: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs on, and nobody waits for it."""
    looked_at = signalling(monkeypatch, said, signal.SIGTERM, signal.SIGINT)
    with noted() as note, pytest.raises(LeftAlone):
        attended_to(DEAF, said, note)
    os.kill(looked_at[0], 0)
    os.killpg(looked_at[0], signal.SIGKILL)
    os.waitpid(looked_at[0], 0)


def test_nothing_runs_after_a_signal(said: int) -> None:
    """That came before."""
    with noted() as note:
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(NotStarted) as raised:
            attended_to("echo ran", said, note)
    assert (raised.value.number, text(said)) == (signal.SIGTERM, "")


def test_what_signals_did_they_do_again(said: int) -> None:
    """Also the end of a child, and what is rung by a signal."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    with noted() as note:
        attended_to("true", said, note)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)] == before
    rung = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(rung)
    assert rung == -1


def test_the_end_of_the_command_is_heard_where_it_is_blocked(said: int) -> None:
    """Whoever started this process may have blocked the signal that tells of it; it stays so for others."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    try:
        with noted() as note:
            assert attended_to("exit 3", said, note) == 3
        assert signal.SIGCHLD in signal.pthread_sigmask(signal.SIG_BLOCK, set())
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
