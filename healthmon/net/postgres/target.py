"""What the URL of a PostgreSQL service says beyond host and port (libpq, 34.1.1.2)."""

from typing import Literal, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

SslMode = Literal["disable", "prefer", "require", "verify-full"]

_MODES = ("disable", "prefer", "require", "verify-full")
_USER = "healthmon"


class Target(Struct, frozen=True):
    """Who logs in where.

    Attributes:
        user: The role.
        password: Its password; empty for none.
        database: The database.
        sslmode: Whether to speak TLS, as libpq names it; None where the URL does not say.
    """

    user: str
    password: str
    database: str
    sslmode: SslMode | None


def check_url(parts: SplitResult) -> None:
    """Raise ValueError if a URL says what is not understood."""
    _read(parts)


def target_of(url: str) -> Target:
    """What a valid URL says."""
    return _read(urlsplit(url))


def _read(parts: SplitResult) -> Target:
    if parts.fragment or "/" in parts.path.removeprefix("/"):
        raise ValueError("after the port stands one database, such as postgres://127.0.0.1:5432/app")
    user = unquote(parts.username or "") or _USER
    return Target(user, unquote(parts.password or ""), unquote(parts.path[1:]) or user, _sslmode(parts.query))


def _sslmode(query: str) -> SslMode | None:
    found = None
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name != "sslmode":
            raise ValueError(f"the only parameter is sslmode, not {name}; certificates are named by `tls`")
        if value not in _MODES:
            raise ValueError(f"sslmode is {', '.join(_MODES[:-1])} or {_MODES[-1]}, not {value or 'empty'}")
        found = value
    return cast("SslMode | None", found)
