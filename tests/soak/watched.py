"""``healthmon``, run as its own ``__main__`` does, beside a thread that counts what lives in the process.

A line on stdin is answered by a line of JSON on stdout. The product has no door for that, and needs none.
"""

import asyncio
import gc
import json
import sys
import threading
from collections import Counter
from typing import Any

from healthmon.__main__ import run


def _count(loops: list[asyncio.AbstractEventLoop]) -> dict[str, Any]:
    gc.collect()
    return {
        "tasks": sum(len(asyncio.all_tasks(loop)) for loop in loops),
        "threads": threading.active_count(),
        # Every small object, whether or not the collector knows it.
        "blocks": sys.getallocatedblocks(),
        "types": Counter(type(one).__name__ for one in gc.get_objects()).most_common(400),
    }


def _answer(loops: list[asyncio.AbstractEventLoop]) -> None:
    for _ in sys.stdin:
        print(json.dumps(_count(loops)), flush=True)  # noqa: T201 - the answer


def _remember_loops() -> list[asyncio.AbstractEventLoop]:
    """The event loops that are made from now on: the collector is not asked, it no longer knows what is frozen."""
    made: list[asyncio.AbstractEventLoop] = []
    make = asyncio.new_event_loop

    def remembered() -> asyncio.AbstractEventLoop:
        made.append(make())
        return made[-1]

    asyncio.new_event_loop = remembered
    return made


if __name__ == "__main__":
    threading.Thread(target=_answer, args=(_remember_loops(),), daemon=True).start()
    run()
