"""Keeps what libraries log off the terminal."""

import logging

_LIBRARIES = ("aiohttp", "asyncio")


def keep_off_stderr() -> None:
    """Let libraries log nowhere, unless the program has set up logging for them.

    Without a handler, Python prints warnings to stderr. Those of aiohttp quote what a server sent, secrets and
    control characters included; what matters of it is in the trace.
    """
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
