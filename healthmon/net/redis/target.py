"""What the URL of a Redis service says beyond host and port."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct


class Target(Struct, frozen=True):
    """Who logs in, and to which database.

    Attributes:
        user: The user; empty for the default one.
        password: The password; empty for none, and then nobody logs in.
        database: The index of the database.
    """

    user: str
    password: str
    database: int


def check_url(parts: SplitResult) -> None:
    """Raise ValueError if a URL says what is not understood."""
    if parts.query or parts.fragment:
        raise ValueError("after the port stands the index of a database and nothing else, such as /0")
    if not re.fullmatch(r"(/([0-9]{1,9})?)?", parts.path):
        raise ValueError(f"after the port stands the index of a database, such as /0, not {parts.path}")
    if parts.username and not parts.password:
        raise ValueError("a user of Redis needs a password: USER:PASSWORD@, or :PASSWORD@ for the default user")


def target_of(url: str) -> Target:
    """What a valid URL says."""
    parts = urlsplit(url)
    return Target(unquote(parts.username or ""), unquote(parts.password or ""), int(parts.path[1:] or 0))
