"""Lists all that is wrong with a value. The conversion itself stops at the first fault."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from healthmon.config.convert import convert
from healthmon.config.nearest import did_you_mean
from healthmon.config.shape import Path


def explain(value: Any, kind: inspect.Type, type_: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every fault of a value that is not of its type, with the place of each."""
    try:
        convert(value, type_)
    except msgspec.ValidationError as error:
        yield path, str(error)


__all__ = ["did_you_mean", "explain"]
