"""The progress line; on a real terminal it is seen in tests/terminal."""

import io

from healthmon.cli.terminal.progress import Progress
from tests.make import result, service

SERVICES = [service("saleor"), service("brain"), service("auth")]


def test_line() -> None:
    """How many are done, how long it takes, who is awaited; never wider than the terminal."""
    seconds = iter([0.0, 3.9, 3.9, 3.9, 3.9])
    progress = Progress(io.StringIO(), SERVICES, clock=lambda: next(seconds))
    progress(result("brain"))
    assert progress.line(80) == "1/3 checked, 3 s, waiting for saleor, auth"
    assert progress.line(20) == "1/3 checked, 3 s, …"
    progress(result("saleor"))
    progress(result("auth"))
    assert progress.line(80) == "3/3 checked, 3 s"
