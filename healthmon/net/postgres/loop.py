"""The event loop as asyncpg sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Speak = Callable[[asyncio.Protocol], Awaitable[asyncio.Transport]]


class OneConnection:
    """The running loop, on which connecting gives the one connection that is there already.

    asyncpg insists on its own connections: to connect, and to cancel a query by another one, which there is not: what
    runs too long is ended by the server itself (`statement_timeout`).

    Args:
        speak: Lets a protocol speak on the connection.
    """

    def __init__(self, speak: Speak) -> None:
        self._loop = asyncio.get_running_loop()
        self._speak: Speak | None = speak

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_connection(
        self, factory: Callable[[], asyncio.Protocol], *_: object
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Give the connection away."""
        speak, self._speak = self._speak, None
        if speak is None:
            raise ConnectionRefusedError
        protocol = factory()
        return await speak(protocol), protocol
