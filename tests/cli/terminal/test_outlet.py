"""Writing to what may be slow, stopped or gone."""

import io
import os
import select
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace
from typing import TextIO, cast

import pytest

from healthmon.cli.output.timestamps import StampedStream
from healthmon.cli.terminal import outlet as module
from healthmon.cli.terminal.outlet import Outlet
from tests.deploy.programs import eventually

PATIENCE = 60.0
"""Seconds for which nobody stands still here, however busy the machine is."""


def _paint(text: str, picture: Sequence[str]) -> str:
    return text + "".join(f"[{line}]" for line in picture)


def test_in_order_and_whole() -> None:
    """Text stays; the last picture counts."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as reader, os.fdopen(writing, "w", encoding="utf-8") as stream:
        stream.write("before ")
        with closing(Outlet(stream, _paint, patience=PATIENCE)) as outlet:
            outlet.put("one ")
            outlet.flush()
            outlet.put("two ")
            outlet.draw(["a"])
            outlet.flush()
            outlet.draw([])
        stream.close()
        assert reader.read() == "before one two [a]"


def test_characters_that_cannot_be_written() -> None:
    """Become question marks."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as reader, os.fdopen(writing, "w", encoding="ascii") as stream:
        with closing(Outlet(stream, patience=PATIENCE)) as outlet:
            outlet.put("✓ ok")
        stream.close()
        assert reader.read() == "? ok"


def stamping(stream: TextIO) -> TextIO:
    """A stream that stamps its lines with the first second there was."""
    return cast("TextIO", StampedStream(stream, lambda: 0.0))


def test_a_stream_that_stamps_its_lines() -> None:
    """Does so though it is not asked: its descriptor is written to. Of what was left out, too."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as reader, os.fdopen(writing, "w") as stream:
        with closing(Outlet(stamping(stream), patience=PATIENCE)) as outlet:
            outlet.put("one\n\n")
            outlet.offer(["two", "three"])
        stream.close()
        assert reader.read() == "".join(f"1970-01-01T00:00:00Z {line}\n" for line in ("one", "two", "three"))
    memory = io.StringIO()
    with closing(Outlet(stamping(memory), patience=PATIENCE)) as outlet:
        outlet.put("once\n")
    assert memory.getvalue() == "1970-01-01T00:00:00Z once\n"


def test_a_stream_in_memory() -> None:
    """Is written as any other."""
    stream = io.StringIO()
    with closing(Outlet(stream, patience=PATIENCE)) as outlet:
        outlet.put("text")
    assert stream.getvalue() == "text"


def test_a_reader_who_is_gone() -> None:
    """Is no error, and holds up nobody."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        outlet = Outlet(stream, patience=PATIENCE)
        outlet.put("text")
        outlet.flush()
        outlet.put("more")
        begun = time.monotonic()
        outlet.close()
        assert time.monotonic() - begun < PATIENCE / 2


def test_a_reader_who_does_not_read() -> None:
    """Is waited for once, and for a bounded time; what is left out is told, and what must not be is there."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="ascii") as reader, os.fdopen(writing, "w") as stream:
        begun = time.monotonic()
        outlet = Outlet(stream, patience=0.3)
        outlet.put("x" * 100_000 + "\n")
        # Its thread stands still, too: how much there is room for is certain.
        eventually(lambda: not select.select([], [writing], [], 0)[1])
        for number in range(100_000):
            outlet.offer([f"line {number}"])
        assert 0.3 <= time.monotonic() - begun < 10
        outlet.put("own\n")
        for _ in range(3):
            outlet.offer(["too much"])
        begun = time.monotonic()
        for _ in range(30):
            outlet.flush()
        assert time.monotonic() - begun < 30 * 0.3 / 2
        # He reads on, and sees where something is missing.
        with ThreadPoolExecutor() as pool:
            lines = pool.submit(lambda: reader.read().splitlines())
            outlet.close()
            stream.close()
    first, *there, gap, own, second = lines.result()
    assert first == "x" * 100_000
    assert there == [f"line {number}" for number in range(len(there))]
    assert (gap, own) == (f"({100_000 - len(there)} lines are left out)", "own")
    assert second == "(3 lines are left out)"


def test_a_reader_who_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gets all of it: whoever writes waits, as long as he reads on. By a clock that goes on when he reads."""
    reading, writing = os.pipe()
    count = 0
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: count / 2_000_000))

    def read() -> int:
        nonlocal count
        while data := os.read(reading, 4096):
            count += len(data)
        return count

    with ThreadPoolExecutor() as pool, os.fdopen(writing, "w") as stream:
        all_read = pool.submit(read)
        with closing(Outlet(stream, patience=0.5)) as outlet:
            for _ in range(20):
                outlet.offer(["x" * 99_999])
        stream.close()
        assert all_read.result() == 2_000_000
    os.close(reading)


def test_a_descriptor_that_does_not_wait() -> None:
    """Whoever else has it may have made it so: nothing is lost by that."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with ThreadPoolExecutor() as pool, os.fdopen(reading) as reader, os.fdopen(writing, "w") as stream:
        with closing(Outlet(stream, patience=PATIENCE)) as outlet:
            outlet.put("x" * 1_000_000)
            text = pool.submit(reader.read)
        stream.close()
        assert len(text.result()) == 1_000_000
