"""What each key is for, as the docstrings of the types say."""

import re
from inspect import cleandoc
from typing import Any

_ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def docs(type_: type[Any]) -> dict[str, str]:
    """Key → its explanation on one line, of a type and of those that it extends or is made of (`documented`)."""
    explained: dict[str, str] = {}
    for source in getattr(type_, "documented", ()):
        explained |= docs(source)
    for base in reversed(type_.__mro__):
        for key, text in _ATTRIBUTE.findall(cleandoc(base.__doc__ or "")):
            explained[key] = " ".join(text.split())
    return explained
