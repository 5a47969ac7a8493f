"""Reads an outcome as expectations need it: headers by name, the body as text and as JSON, values in words."""

import codecs
import re
from collections.abc import Collection
from functools import cached_property
from typing import Any

import msgspec

from healthmon.core.model import Body, Outcome
from healthmon.core.safe_text import concealed, excerpt
from healthmon.core.wording import value_text

_BODY_SHOWN = 80  # characters
_CHARSETS = re.compile(
    r"utf-(8|16|32)(-[bl]e)?|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|tis-620"
    r"|big5\w*|euc_\w+|gb\w+|iso2022_\w+|shift_jis\w*"
)
"""What `codecs` calls the character sets of texts."""


class Answer:
    """An outcome, and its body as text and as JSON, each decoded once and only if an expectation needs it."""

    def __init__(self, outcome: Outcome, secrets: Collection[str]) -> None:
        self.outcome = outcome
        self._secrets = secrets

    def header(self, name: str) -> str | None:
        """The value of a header; one that stands several times is one list (RFC 9110, 5.3)."""
        values = [value for header, value in self.outcome.headers if header.lower() == name.lower()]
        return ", ".join(values) if values else None

    @cached_property
    def problem(self) -> str | None:
        """Why the body cannot be evaluated, or None if it can."""
        body = self.outcome.body
        if body is None:
            return "no body"
        return None if body.complete else "a body that was not read whole"

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return "" if self.outcome.body is None else _text(self.outcome.body)

    @cached_property
    def json(self) -> tuple[str | None, Any]:
        """The body as JSON, or first why it is none."""
        if self.outcome.body is None or self.problem:
            return self.problem, None
        try:
            # A byte order mark is not JSON, but parsers may pass it over (RFC 8259, 8.1).
            return None, msgspec.json.decode(self.outcome.body.content.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return f"not JSON: {self.beginning()}", None

    def quoted(self, value: Any) -> str:
        """A value in words. Secrets are masked before it is quoted and cut, for after that they cannot be found."""
        if isinstance(value, str):
            return value_text(excerpt(value, self._secrets))
        return concealed(value_text(value), self._secrets)

    def beginning(self) -> str:
        """The beginning of the body in words."""
        if not self.text:
            return "an empty body"
        # Indented as it may be: its spaces are not what it is told for.
        return value_text(re.sub(" +", " ", excerpt(self.text, self._secrets, _BODY_SHOWN)))


def search(expression: str, document: Any) -> Any:
    """The value that a JMESPath selects in a document; None if it selects nothing or cannot be evaluated."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        value = jmespath.search(expression, document)
    except (JMESPathError, ArithmeticError, RecursionError, TypeError, ValueError):
        # jmespath's functions let some of Python's own errors through; all mean that there is no value.
        return None
    # A bare reference to an expression (`&name`) is a value only to jmespath itself.
    return value if isinstance(value, bool | int | float | str | list | dict) else None


def _text(body: Body) -> str:
    charset = body.charset or "utf-8"
    try:
        known = _CHARSETS.fullmatch(codecs.lookup(charset).name)
    except (LookupError, ValueError):
        known = None
    # A server must not choose a codec that is none of texts, or that takes a minute for a megabyte (punycode).
    return body.content.decode(charset if known else "utf-8", "replace")
