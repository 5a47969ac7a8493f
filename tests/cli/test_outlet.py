"""Writing to what may be slow, stopped or gone."""

import io
import os
import time
from collections.abc import Sequence
from contextlib import closing

from healthmon.cli.outlet import Outlet


def _paint(text: str, picture: Sequence[str]) -> str:
    return text + "".join(f"[{line}]" for line in picture)


def test_in_order_and_whole() -> None:
    """Text stays; the last picture counts."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as reader, os.fdopen(writing, "w", encoding="utf-8") as stream:
        stream.write("before ")
        with closing(Outlet(stream, _paint)) as outlet:
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
        with closing(Outlet(stream)) as outlet:
            outlet.put("✓ ok")
        stream.close()
        assert reader.read() == "? ok"


def test_a_stream_in_memory() -> None:
    """Is written as any other."""
    stream = io.StringIO()
    with closing(Outlet(stream)) as outlet:
        outlet.put("text")
    assert stream.getvalue() == "text"


def test_a_reader_who_is_gone() -> None:
    """Is no error, and holds up nobody."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        outlet = Outlet(stream)
        outlet.put("text")
        outlet.flush()
        outlet.put("more")
        begun = time.monotonic()
        outlet.close()
        assert time.monotonic() - begun < 0.9


def test_a_reader_who_does_not_read() -> None:
    """Nothing waits, and no more is kept than a bounded amount; the end waits for a second."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as stream:
        outlet = Outlet(stream)
        begun = time.monotonic()
        outlet.put("x" * 1_000_000)
        for _ in range(5000):
            outlet.put("y" * 100)
        assert time.monotonic() - begun < 0.9
        outlet.close()
        assert 0.9 < time.monotonic() - begun < 5
        # The one who has been stopped goes on: what was under way is written whole, what came too much is not.
        assert reader.read(1_000_000) == b"x" * 1_000_000
