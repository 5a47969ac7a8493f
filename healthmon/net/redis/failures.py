"""What Redis answered or redis-py raised, as causes and words."""

from healthmon.core.model import Cause
from healthmon.net.trace import ProbeFailed

_BEGINNINGS: dict[str, tuple[Cause, str]] = {
    "NOAUTH": (Cause.AUTH, "redis.noauth"),
    "WRONGPASS": (Cause.AUTH, "redis.wrongpass"),
    "ERR invalid password": (Cause.AUTH, "redis.wrongpass"),
    "ERR AUTH": (Cause.AUTH, "redis.no_password_set"),
    "ERR Client sent AUTH": (Cause.AUTH, "redis.no_password_set"),
    "NOPERM": (Cause.AUTH, "redis.noperm"),
    "LOADING": (Cause.UNHEALTHY, "redis.loading"),
    "MASTERDOWN": (Cause.UNHEALTHY, "redis.masterdown"),
    "MISCONF": (Cause.UNHEALTHY, "redis.misconf"),
    "BUSY": (Cause.UNHEALTHY, "redis.busy"),
    "DENIED": (Cause.UNHEALTHY, "redis.protected"),
    "ERR max number of clients": (Cause.UNHEALTHY, "redis.too_many_clients"),
    "ERR DB index": (Cause.UNHEALTHY, "redis.no_database"),
    "ERR invalid DB index": (Cause.UNHEALTHY, "redis.no_database"),
    "ERR SELECT is not allowed": (Cause.UNHEALTHY, "redis.no_database"),
}


def failure_of(error: Exception) -> ProbeFailed:
    """Why it failed.

    Args:
        error: What redis-py raised, or the connection.
    """
    from redis.exceptions import InvalidResponse, RedisError

    if isinstance(error, RedisError) and (text := _answer(error)):
        for beginning, (cause, symptom) in _BEGINNINGS.items():
            if text.startswith(beginning):
                return ProbeFailed(cause, text, symptom)
        if not isinstance(error, InvalidResponse):
            return ProbeFailed(Cause.UNHEALTHY, text)
    if isinstance(error, InvalidResponse | ValueError):
        return ProbeFailed(Cause.PROTOCOL, "the answer is not one of Redis")
    return ProbeFailed(Cause.RESET, "connection closed before the answer")


def _answer(error: Exception) -> str:
    """The error that the server answered with, whole; empty if it was none of the server's.

    redis-py cuts the code off the errors that it knows, and calls some of them errors of the connection.
    """
    from redis.exceptions import ConnectionError as LostError
    from redis.exceptions import ResponseError

    code = getattr(error, "status_code", None)
    if code:
        return f"{code} {error}".strip()
    return str(error) if isinstance(error, ResponseError) and not isinstance(error, LostError) else ""
