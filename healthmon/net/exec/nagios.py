"""What a Nagios plugin says: its state, its words, its performance data.

Source: the Monitoring Plugins Development Guidelines, sections "Plugin Output for Nagios" and "Performance data".
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from healthmon.core.model import Scalar

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
"""The states by their exit status."""

PREFIX = "perf"
"""What the names of facts begin with that hold performance data."""

MOST = 50
"""The most values of one plugin that are kept."""

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
# Labels are bounded, so that what seems to begin one costs little where it does not end.
_ITEM = re.compile(r"\s*(?:'((?:[^']|''){1,100}+)'|([^\s'=]{1,100}+))=(\S*)", re.ASCII)
_VALUE = re.compile(rf"({_NUMBER})([^\d\s.,;+-]{{1,16}})?", re.ASCII)
_RANGE = re.compile(rf"@?(?:(?:{_NUMBER}|~):)?(?:{_NUMBER})?", re.ASCII)


class Perf(NamedTuple):
    """One value of performance data.

    Attributes:
        label: What the plugin calls it.
        value: The value.
        unit: Its unit, such as ``s``, ``ms``, ``%``, ``B``, ``MB``, ``c`` (a counter); empty without one.
        warn: The range within which all is well, or a warning is given where it begins with ``@``; empty without one.
        crit: The same, beyond which it is critical.
        low: The least value that there can be, or None.
        high: The greatest value that there can be, or None.
    """

    label: str
    value: int | float
    unit: str = ""
    warn: str = ""
    crit: str = ""
    low: int | float | None = None
    high: int | float | None = None


class Said(NamedTuple):
    """What a plugin said.

    Attributes:
        text: Its first line, without the performance data.
        perf: The performance data, of all lines.
    """

    text: str
    perf: tuple[Perf, ...]


def read(output: str) -> Said:
    """Read the output of a plugin. What is no performance data where it should stand is passed over.

    The first line is ``TEXT | DATA``; the lines after it are more text and, after a ``|``, more data.
    """
    first, _, rest = output.partition("\n")
    text, _, data = first.partition("|")
    more = rest.partition("|")[2]
    found = [perf for part in (data, more) for perf in _items(part)]
    return Said(text.strip(), tuple(found[:MOST]))


def _items(text: str) -> Iterator[Perf]:
    position = 0
    while position < len(text):
        item = _ITEM.match(text, position)
        if item is None:
            # Go on behind the word that is not one.
            word = re.compile(r"\s*\S*").match(text, position)
            position = word.end() if word else len(text)
            continue
        position = item.end()
        label = item[1].replace("''", "'") if item[1] else item[2]
        perf = _perf(label, item[3].split(";"))
        if perf is not None:
            yield perf


def _perf(label: str, parts: list[str]) -> Perf | None:
    """A value with its thresholds; None where the plugin could not determine it (``U``) or wrote something else."""
    value, warn, crit, low, high = (*parts, "", "", "", "", "")[:5]
    match = _VALUE.fullmatch(value)
    number = _number(match[1]) if match else None
    if match is None or number is None:
        return None
    return Perf(label, number, match[2] or "", _range(warn), _range(crit), _number(low), _number(high))


def _range(text: str) -> str:
    return text if _RANGE.fullmatch(text) else ""


def _number(text: str) -> int | float | None:
    if not re.fullmatch(_NUMBER, text, re.ASCII):
        return None
    if re.fullmatch(r"[-+]?\d{1,300}", text, re.ASCII):
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None


def facts(perf: Sequence[Perf]) -> Iterator[tuple[str, Scalar]]:
    """The data as facts: ``perf_LABEL``, and beside it ``_unit``, ``_warn``, ``_crit``, ``_min``, ``_max`` if known.

    Of a label only letters, digits and "_" are kept, in lower case; one that is then like another gets a number. A
    threshold is a number where it is one, and else the range as the plugin wrote it.
    """
    names = _names([one.label for one in perf])
    for name, one in zip(names, perf, strict=True):
        yield name, one.value
        more: dict[str, Scalar] = {
            "unit": one.unit or None,
            "warn": _threshold(one.warn),
            "crit": _threshold(one.crit),
            "min": one.low,
            "max": one.high,
        }
        for what, value in more.items():
            if value is not None and f"{name}_{what}" not in names:
                yield f"{name}_{what}", value


def _threshold(text: str) -> int | float | str | None:
    number = _number(text)
    return (text or None) if number is None else number


def _names(labels: list[str]) -> list[str]:
    """A name for each label, no two alike."""
    names: list[str] = []
    met: dict[str, int] = {}
    for label in labels:
        words = re.findall("[a-z0-9]+", label.lower())
        name = "_".join([PREFIX, *(words or ["root" if label == "/" else "value"])])
        met[name] = met.get(name, 0) + 1
        names.append(name if met[name] == 1 else f"{name}__{met[name]}")
    return names
