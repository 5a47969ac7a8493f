"""A session with Redis: log in, choose the database, ask."""

import asyncio
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoPermissionError, RedisError

from healthmon.core.model import Cause, Stage
from healthmon.net.line import Line
from healthmon.net.redis.failures import failure_of
from healthmon.net.redis.info import fields_of, record_info
from healthmon.net.redis.target import Target
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace


class _OnLine(AbstractConnection):
    """redis-py's connection, on a line that is there already."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(protocol=2, driver_info=None, socket_timeout=None, socket_connect_timeout=None)
        self._streams = reader, writer

    async def _connect(self) -> None:
        self._reader, self._writer = self._streams

    def _host_error(self) -> str:
        return "the server"

    def repr_pieces(self) -> list[tuple[str, str | int]]:
        """Nothing of it is to be shown."""
        return []

    async def ask(self, *words: str | int) -> Any:
        """Send a command and wait for its answer."""
        await self.send_command(*words, check_health=False)
        return await self.read_response(disconnect_on_error=False)


async def ask(line: Line, target: Target, *, tls: TlsSettings | None, info: bool, trace: Trace) -> None:
    """Log in where there is a password, choose the database, and have the server answer PING.

    Records the stages `wait`, to the answer to PING, and `transfer`, the answer to INFO; the facts of
    `healthmon.net.redis.info.record_info` where INFO is wanted and allowed.

    Args:
        line: A new connection.
        target: Who logs in, and to which database.
        tls: How to speak TLS; None for a plain connection.
        info: Whether INFO is wanted.
        trace: Receives what is seen.

    Raises:
        ProbeFailed: There is no session, or another answer.
    """
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport = await line.speak(protocol, tls)
    writer = asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())
    trace.enter(Stage.WAIT)
    connection = _OnLine(reader, writer)
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        await _ask(connection, line, target, info=info, trace=trace)
    except (RedisError, OSError, ValueError, EOFError) as error:
        raise (line.failure or failure_of(error)) from error
    finally:
        await connection.disconnect(nowait=True)


async def _ask(connection: _OnLine, line: Line, target: Target, *, info: bool, trace: Trace) -> None:
    try:
        if target.password:
            trace.credentials_sent = True
            await connection.ask("AUTH", *filter(None, (target.user, target.password)))
        if target.database:
            await connection.ask("SELECT", target.database)
        answer = await connection.ask("PING")
    finally:
        line.spend(Stage.WAIT)
    if answer != b"PONG":
        raise ProbeFailed(Cause.PROTOCOL, f"the answer to PING is {answer!r}")
    trace.seen = "PONG"
    if info:
        await _record_info(connection, line, trace)


async def _record_info(connection: _OnLine, line: Line, trace: Trace) -> None:
    trace.enter(Stage.TRANSFER)
    try:
        text = await connection.ask("INFO")
    except NoPermissionError:
        return  # Who demands a fact of it is told that it is missing.
    finally:
        line.spend(Stage.TRANSFER)
    if not isinstance(text, bytes):
        raise ProbeFailed(Cause.PROTOCOL, "the answer to INFO is no text")
    record_info(fields_of(text.decode(errors="replace")), trace)
