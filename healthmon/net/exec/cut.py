"""Output that was cut may end in the middle of a secret, which nobody finds any more."""

import json
from collections.abc import Collection, Iterator
from html import escape
from urllib.parse import quote, quote_plus


def without_begun(content: bytes, secrets: Collection[str]) -> bytes:
    """Output that was cut at its end, without the bytes there that may be the beginning of a secret.

    A secret is looked for as it is and as it mostly stands in a URL, in JSON and in HTML. One that is whole goes too
    where it would otherwise lose its end.
    """
    known = {form.encode("utf-8", "surrogateescape") for secret in secrets for form in _written(secret)}
    end = len(content) - max((_begun(content, secret) for secret in known), default=0)
    while starts := [start for secret in known if (start := _across(content, secret, end)) >= 0]:
        end = min(starts)
    return content[:end]


def _written(secret: str) -> Iterator[str]:
    yield secret
    for safe in ("", "/"):
        yield quote(secret, safe, errors="surrogateescape")
        yield quote_plus(secret, safe, errors="surrogateescape")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield escape(secret)


def _begun(content: bytes, secret: bytes) -> int:
    """How many bytes at the end are the beginning of a secret, but not all of it."""
    longest = min(len(secret) - 1, len(content))
    return next((size for size in range(longest, 0, -1) if content.endswith(secret[:size])), 0)


def _across(content: bytes, secret: bytes, end: int) -> int:
    """Where a secret starts that stands on both sides of an end; negative if none does."""
    return content.find(secret, max(0, end - len(secret) + 1), end + len(secret) - 1)
