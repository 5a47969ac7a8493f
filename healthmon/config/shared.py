"""Makes equal values one object: of thousands of services most have the same options and expectations."""

from collections.abc import Hashable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)


class Shared:
    """The values met so far. Lives as long as one load."""

    def __init__(self) -> None:
        self._plain: dict[Any, Any] = {}
        self._encoded: dict[tuple[type[Any], bytes], Any] = {}

    def plain(self, value: H) -> H:
        """The first value that was equal to this one: a text, a number, a set or a tuple of texts."""
        first: H = self._plain.setdefault((type(value), value), value)
        return first

    def frozen(self, value: T) -> T:
        """The first value that said the same as this one, which nobody changes.

        Equality would not do: `True` equals 1, and means something else in a config.
        """
        try:
            key = (type(value), msgspec.msgpack.encode(value, enc_hook=_plain))
        except (OverflowError, RecursionError):  # Values of the user's own, huge or very deep.
            return value
        first: T = self._encoded.setdefault(key, value)
        return first


def _plain(value: object) -> object:
    """Texts and numbers of a config's own types as plain ones."""
    return str(value) if isinstance(value, str) else repr(value)
