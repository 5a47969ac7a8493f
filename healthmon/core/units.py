"""Durations and sizes as people write them, and as reports show them."""

import math
import re
from typing import Self

DURATION_PATTERN = r"^(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d|w))+$"
"""What the text of a duration looks like, in the syntax of JSON Schema."""

SIZE_PATTERN = r"^[0-9]+(?:\.[0-9]+)? ?(?:B|kB|KB|MB|GB|KiB|MiB|GiB)$"
"""What the text of a size looks like, in the syntax of JSON Schema."""

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_LONGEST = 100 * 366 * 86400.0
"""A century: anything longer is a slip, and would overflow what takes it."""

_BYTES = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}


class Duration(float):
    """A number of seconds. In the config: a number, or text such as ``500ms``, ``10s``, ``1h30m``."""

    __slots__ = ()
    description = 'a duration such as "500ms", "10s", "5m", "1h30m", "14d", or a number of seconds'

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a duration.

        Raises:
            ValueError: It is not one, or it is negative or not finite.
        """
        seconds = -1.0
        if isinstance(value, str) and re.fullmatch(DURATION_PATTERN, value):
            parts = re.findall(r"([0-9.]+)(ms|s|m|h|d|w)", value)
            seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value
        if not 0 <= seconds <= _LONGEST:
            raise ValueError(f"expected {cls.description}")
        return cls(seconds)


class PositiveDuration(Duration):
    """A duration that is not zero."""

    __slots__ = ()
    description = 'a duration of more than zero, such as "500ms", "10s", "5m", "1h30m", or a number of seconds'

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a duration.

        Raises:
            ValueError: It is not one, or it is zero.
        """
        duration = super().parse(value)
        if not duration:
            raise ValueError(f"expected {cls.description}")
        return duration


class Size(int):
    """A number of bytes. In the config: a whole number, or text such as ``64KiB`` or ``1MB``."""

    __slots__ = ()
    description = 'a size such as "64KiB", "1MB", or a whole number of bytes'

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a size.

        Raises:
            ValueError: It is not one, or it is negative.
        """
        if isinstance(value, str) and re.fullmatch(SIZE_PATTERN, value):
            number, unit = re.findall(r"([0-9.]+) ?([A-Za-z]+)", value)[0]
            if math.isfinite(float(number)):
                return cls(round(float(number) * _BYTES[unit]))
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        raise ValueError(f"expected {cls.description}")


class FilePath(str):
    """The path of a file. In the config it is relative to the file in which it stands."""

    __slots__ = ()
    description = "the path of a file"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a path.

        Raises:
            ValueError: It is not text, or it is empty, or it holds a NUL character.
        """
        if not isinstance(value, str) or not value or "\0" in value:
            raise ValueError(f"expected {cls.description}")
        return cls(value)


_SHOWN_UP_TO = ((0.9995, 1000, "ms"), (119.5, 1, "s"), (7170, 1 / 60, "min"), (172000, 1 / 3600, "h"))
_SHORTEST = 0.00005  # seconds


def format_duration(seconds: float) -> str:
    """Show a duration with two or three digits that matter: ``0.3 ms``, ``41 ms``, ``2.4 s``, ``3 min``, ``12 d``."""
    if 0 < seconds < _SHORTEST:
        return "< 0.1 ms"
    for limit, factor, unit in _SHOWN_UP_TO:
        if abs(seconds) < limit:
            return f"{_short(seconds * factor)} {unit}"
    return f"{_short(seconds / 86400)} d"


def _short(number: float) -> str:
    digits = 1 if abs(number) < 9.95 else 0
    return f"{number:.{digits}f}".removesuffix(".0")
