"""What stands between a connection and a library."""

import asyncio

from healthmon.core.model import Cause
from healthmon.net.tap import LIMIT, Tap


class Receiver(asyncio.Protocol):
    """A library that keeps what it is given, and understands no question marks."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.received = b""

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        if b"?" in data:
            raise ValueError("a question")
        self.received += data

    def connection_lost(self, exc: Exception | None) -> None:
        """Note it."""
        self.told.append(f"lost {type(exc).__name__}")

    def pause_writing(self) -> None:
        """Note it."""
        self.told.append("pause")

    def resume_writing(self) -> None:
        """Note it."""
        self.told.append("resume")

    def eof_received(self) -> bool | None:
        """Note it."""
        self.told.append("eof")
        return True


class Line(asyncio.Transport):
    """A transport that can be cut."""

    aborted = False

    def abort(self) -> None:
        """Note it."""
        self.aborted = True


def tapped(begins: bytes = b"") -> tuple[Tap, Receiver, Line]:
    """A tap on a line."""
    receiver, line = Receiver(), Line()
    tap = Tap(receiver, begins)
    tap.connection_made(line)
    return tap, receiver, line


def test_everything_is_handed_on() -> None:
    """As it comes."""
    tap, receiver, line = tapped(b"Rr")
    tap.data_received(b"Re")
    tap.data_received(b"st")
    tap.pause_writing()
    tap.resume_writing()
    assert tap.eof_received() is True
    tap.connection_lost(None)
    assert (receiver.received, receiver.told) == (b"Rest", ["pause", "resume", "eof", "lost NoneType"])
    assert (tap.failure, line.aborted) == (None, False)


def test_what_begins_wrongly_is_not_understood_by_anybody() -> None:
    """And nothing that follows it is handed on."""
    tap, receiver, line = tapped(b"R")
    tap.data_received(b"HTTP/1.1 400")
    tap.data_received(b"R")
    assert tap.failure is not None
    assert (tap.failure.cause, tap.failure.message) == (Cause.PROTOCOL, "the answer begins with b'HTTP/1.1 400'")
    assert (receiver.received, line.aborted) == (b"", True)


def test_more_than_the_limit_is_too_much() -> None:
    """All of it together."""
    tap, receiver, line = tapped()
    tap.data_received(b"x" * LIMIT)
    assert not line.aborted
    tap.data_received(b"x")
    assert tap.failure is not None
    assert tap.failure.cause is Cause.TOO_LARGE
    assert (len(receiver.received), line.aborted) == (LIMIT, True)


def test_what_a_library_stumbles_over_is_not_valid() -> None:
    """Whatever it raises, nobody else sees it."""
    tap, _, line = tapped()
    tap.data_received(b"?")
    assert tap.failure is not None
    assert (tap.failure.cause, tap.failure.message) == (Cause.PROTOCOL, "the answer is not understood: a question")
    assert line.aborted


def test_what_is_wrong_before_there_is_a_transport_ends_it_too() -> None:
    """TLS may have something to hand on before its handshake is over for us."""
    receiver = Receiver()
    tap = Tap(receiver)
    tap.data_received(b"?")
    assert tap.failure is not None
    assert receiver.told == ["lost ConnectionAbortedError"]
