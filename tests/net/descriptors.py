"""Counts the sockets that this process has open."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def leaving_no_socket() -> AsyncIterator[None]:
    """Whatever happens inside, no socket that was opened there is open at the end."""
    gc.collect()
    before = _sockets()
    yield
    # A transport closes its socket in the turn of the loop after the one in which it was told to.
    for _ in range(5):
        await asyncio.sleep(0)
    assert set() == _sockets() - before


def _sockets() -> set[str]:
    found = set()
    for number in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(str(number.readlink()))
    return {name for name in found if name.startswith("socket:")}
