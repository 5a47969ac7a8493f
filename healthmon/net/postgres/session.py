"""A session with PostgreSQL: log in, ask, leave."""

import asyncio
import math
from decimal import Decimal
from typing import Any

import asyncpg

from healthmon.core.model import Cause, Scalar, Stage
from healthmon.net.line import Line
from healthmon.net.postgres.encryption import upgrade
from healthmon.net.postgres.failures import failure_of
from healthmon.net.postgres.loop import OneConnection
from healthmon.net.postgres.target import Target
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace

_BEGINS = b"REvN"  # authentication, error, another version of the protocol, notice

_OF_ASYNCPG = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_OF_RUBBISH = (ValueError, BufferError, LookupError, ArithmeticError)  # what its decoders raise
_MOST = 2**63  # what JSON holds without doubt


async def ask(line: Line, target: Target, query: str, *, tls: TlsSettings | None, timeout: float, trace: Trace) -> None:
    """Log in, run a query in a transaction that cannot write, and undo that.

    Records the log-in as the stage `wait`, the transaction as `transfer`; the facts `server_version`, `database`,
    `role`, `rows`, `value` and `query_seconds`.

    Args:
        line: The connection, on which nothing but the request for TLS was said.
        target: Who logs in where.
        query: One statement.
        tls: How to speak TLS; None for a plain connection.
        timeout: Seconds after which the server itself is to end the query: nobody waits for it then.
        trace: Receives what is seen.

    Raises:
        ProbeFailed: There is no session, or no answer to the query.
    """

    async def speak(protocol: asyncio.Protocol) -> asyncio.Transport:
        transport = await line.speak(protocol, tls, begins=_BEGINS, upgrade=upgrade)
        trace.enter(Stage.WAIT)
        return transport

    trace.credentials_sent = bool(target.password)
    connection = None
    try:
        try:
            connection = await _connect(speak, line, target)
        finally:
            line.spend(Stage.WAIT)
        trace.enter(Stage.TRANSFER)
        message = f"logged in, but the query was not answered within {timeout:g} s"
        trace.failure = ProbeFailed(Cause.TIMEOUT, message, "postgres.slow_query")
        _record_server(connection, target, trace)
        try:
            await _query(connection, query, timeout, trace)
        finally:
            trace.fact("query_seconds", round(line.spend(Stage.TRANSFER), 6))
        # A pooler gives up a connection whose client leaves in a transaction.
        await connection.execute("ROLLBACK")
        trace.failure = None
    except (*_OF_ASYNCPG, *_OF_RUBBISH, OSError) as error:
        if line.failure is not None:
            raise line.failure from error
        raise failure_of(error, logged_in=connection is not None, password=bool(target.password)) from error
    finally:
        if connection is not None:
            connection.terminate()
            await asyncio.sleep(0)  # What was to cancel a query is cancelled itself, and ends in a turn of the loop.


async def _connect(speak: Any, line: Line, target: Target) -> "asyncpg.Connection":
    """Log in, with what is in the URL and nothing from the environment."""
    peer = line.sock.peer
    try:
        return await asyncpg.connect(
            host=peer.ip if peer else None,
            port=peer.port if peer else None,
            user=target.user,
            password=target.password,
            database=target.database,
            loop=OneConnection(speak),
            timeout=None,
            ssl=False,
            target_session_attrs="any",
            statement_cache_size=0,
            server_settings={"application_name": "healthmon"},
        )
    except AttributeError as error:
        # asyncpg relies on the server's naming its version.
        raise ProbeFailed(Cause.PROTOCOL, "the server lets in, and does not say what it is") from error


def _record_server(connection: "asyncpg.Connection", target: Target, trace: Trace) -> None:
    settings = connection.get_settings()
    trace.fact("server_version", getattr(settings, "server_version", None))
    trace.fact("database", target.database)
    standby = getattr(settings, "in_hot_standby", None)  # since PostgreSQL 14
    if standby is not None:
        trace.fact("role", "standby" if standby == "on" else "primary")


async def _query(connection: "asyncpg.Connection", query: str, timeout: float, trace: Trace) -> None:
    milliseconds = max(1, math.ceil(timeout * 1000))
    await connection.execute(f"BEGIN READ ONLY; SET LOCAL statement_timeout = {milliseconds}")
    rows = await connection.fetch(query)
    trace.fact("rows", len(rows))
    if rows and len(rows[0]):
        trace.fact("value", _scalar(rows[0][0]))
    trace.seen = "1 row" if len(rows) == 1 else f"{len(rows)} rows"


def _scalar(value: object) -> Scalar:
    """A number, a text, true, false or null as such; any other value as text."""
    if isinstance(value, Decimal):
        whole = value.is_finite() and abs(value) < _MOST and value == value.to_integral_value()
        value = int(value) if whole else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float | str | None) else str(value)
