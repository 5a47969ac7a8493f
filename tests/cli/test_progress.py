"""The progress line."""

import asyncio
import io

from healthmon.cli.progress import Progress
from healthmon.testing import run_jumping
from tests.make import result, service

SERVICES = [service("saleor"), service("brain"), service("auth")]


def test_line() -> None:
    """How many are done, how long it takes, who is awaited; never wider than the terminal."""
    seconds = iter([0.0, 3.9, 3.9, 3.9, 3.9])
    columns = 80
    progress = Progress(io.StringIO(), SERVICES, columns=lambda: columns, clock=lambda: next(seconds))
    progress(result("brain"))
    assert progress.line() == "1/3 checked, 3 s, waiting for saleor, auth"
    columns = 20
    assert progress.line() == "1/3 checked, 3 s, …"
    progress(result("saleor"))
    progress(result("auth"))
    columns = 80
    assert progress.line() == "3/3 checked, 3 s"


def test_it_is_drawn_again_and_erased() -> None:
    """Not at once; at the end nothing of it is left."""
    stream = io.StringIO()

    async def main() -> None:
        progress = Progress(stream, SERVICES, columns=lambda: 80, clock=asyncio.get_running_loop().time)
        async with progress:
            await asyncio.sleep(0.2)
            assert stream.getvalue() == ""
            await asyncio.sleep(1.1)
            progress(result("brain"))
            await asyncio.sleep(0.25)

    run_jumping(main)
    drawn = stream.getvalue().split("\r\x1b[K")
    assert drawn[1] == "0/3 checked, 0 s, waiting for saleor, brain, auth"
    assert drawn[-2] == "1/3 checked, 1 s, waiting for saleor, auth"
    assert drawn[-1] == ""
