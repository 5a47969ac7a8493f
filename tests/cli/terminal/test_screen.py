"""The screen of a pseudo-terminal, lent and given back; with a whole program in it in tests/terminal."""

import asyncio
import os
import pty
import select
import signal
import termios
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TextIO

import pytest

from healthmon.cli.terminal.keys import Key
from healthmon.cli.terminal.screen import Screen


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """A pseudo-terminal: its user's end, and the program's."""
    user, program = pty.openpty()
    with os.fdopen(program, "w", encoding="utf-8") as stream:
        yield user, stream
    with suppress(OSError):  # A test has closed it.
        os.close(user)


def modes(stream: TextIO) -> list[Any]:
    """How the terminal treats what is typed and written."""
    return termios.tcgetattr(stream.fileno())


async def test_keys_and_size(terminal: tuple[int, TextIO]) -> None:
    """Each key is told, also one that comes in two pieces; and that there is another size."""
    user, stream = terminal
    told: asyncio.Queue[Key | str | None] = asyncio.Queue()
    with Screen(stream, stream, pressed=told.put_nowait, changed=lambda: told.put_nowait("changed")):
        os.write(user, b"q\x1b[")
        assert await told.get() is Key.QUIT
        os.write(user, b"A")
        assert await told.get() is Key.UP
        os.kill(os.getpid(), signal.SIGWINCH)
        assert await told.get() == "changed"
    assert signal.getsignal(signal.SIGWINCH) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL


async def test_it_is_given_back_after_a_fault(terminal: tuple[int, TextIO]) -> None:
    """With the modes that it had, the cursor, wrapping, and the text that stood on it."""
    user, stream = terminal
    before = modes(stream)
    with suppress(ZeroDivisionError), Screen(stream, stream, pressed=print, changed=print) as screen:
        assert modes(stream) != before
        screen.draw(["one", "two"])
        raise ZeroDivisionError
    assert modes(stream) == before
    written = b""
    while not written.endswith(b"\x1b[?1049l"):  # A terminal hands on what is written piece by piece.
        assert select.select([user], [], [], 30)[0], written
        written += os.read(user, 1000)
    assert written.startswith(b"\x1b[?1049h")
    assert written.endswith(b"\x1b[?7h\x1b[?25h\x1b[?1049l")


async def test_the_terminal_is_gone(terminal: tuple[int, TextIO]) -> None:
    """It is told once, and leaving it is no error."""
    user, stream = terminal
    told: asyncio.Queue[Key | None] = asyncio.Queue()
    with Screen(stream, stream, pressed=told.put_nowait, changed=lambda: None):
        os.close(user)
        assert await told.get() is None
    assert told.empty()
