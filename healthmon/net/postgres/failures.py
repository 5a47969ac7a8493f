"""What PostgreSQL or asyncpg raised, as causes and words (PostgreSQL, appendix A: error codes)."""

from typing import TYPE_CHECKING

from healthmon.core.model import Cause
from healthmon.net.trace import ProbeFailed

if TYPE_CHECKING:
    import asyncpg

_STATES: dict[str, tuple[Cause, str]] = {
    "28P01": (Cause.AUTH, "postgres.password"),
    "28000": (Cause.AUTH, "postgres.not_admitted"),
    "3D000": (Cause.UNHEALTHY, "postgres.no_database"),
    "53300": (Cause.UNHEALTHY, "postgres.too_many_connections"),
    "53100": (Cause.UNHEALTHY, "postgres.disk_full"),
    "53200": (Cause.UNHEALTHY, "postgres.out_of_memory"),
    "57014": (Cause.TIMEOUT, "postgres.slow_query"),
    "57P01": (Cause.UNHEALTHY, "postgres.shut_down"),
    "57P02": (Cause.UNHEALTHY, "postgres.crashed"),
    "57P03": (Cause.UNHEALTHY, "postgres.not_ready"),
    "25006": (Cause.VALUE, "postgres.writes"),
    "42P01": (Cause.VALUE, "postgres.no_table"),
}
_CLASSES: dict[str, tuple[Cause, str | None]] = {
    "58": (Cause.UNHEALTHY, "postgres.damaged"),
    "XX": (Cause.UNHEALTHY, "postgres.damaged"),
}


def failure_of(error: Exception, *, logged_in: bool, password: bool) -> ProbeFailed:
    """Why it failed.

    Args:
        error: What asyncpg raised.
        logged_in: Whether it was the query that failed.
        password: Whether there is a password to log in with.
    """
    import asyncpg

    for reported in (error, error.__cause__):  # the latter where the server said why it closed the connection
        if isinstance(reported, asyncpg.PostgresError) and getattr(reported, "severity", None) is not None:
            return _reported(reported, logged_in=logged_in, password=password)
    # A connection that ends is an error of the server's own kind, without what servers say.
    if isinstance(error, OSError | asyncpg.PostgresConnectionError):
        when = "while the query ran" if logged_in else "before the log-in was complete"
        return ProbeFailed(Cause.RESET, f"connection closed {when}")
    if logged_in and isinstance(error, asyncpg.InterfaceError):
        return ProbeFailed(Cause.VALUE, f"the query cannot be run: {error}", "postgres.query")
    return ProbeFailed(Cause.PROTOCOL, f"not understood: {error}")


def _reported(error: "asyncpg.PostgresError", *, logged_in: bool, password: bool) -> ProbeFailed:
    state: str = error.sqlstate
    message = f"{error.args[0] if error.args else 'no reason given'} (SQLSTATE {state})"
    if state == "28P01" and not password:
        return ProbeFailed(Cause.AUTH, message, "postgres.no_password")
    if state == "42501" and not logged_in:
        return ProbeFailed(Cause.AUTH, message, "postgres.not_admitted")
    other = (Cause.VALUE, "postgres.query") if logged_in else (Cause.UNHEALTHY, None)
    cause, symptom = _STATES.get(state) or _CLASSES.get(state[:2]) or other
    return ProbeFailed(cause, message, symptom)
