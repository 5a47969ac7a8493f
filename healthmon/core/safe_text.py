"""Makes text that came from a server fit to be shown: in a terminal, in a log, in a page."""

import re
import unicodedata
from collections.abc import Iterable

from healthmon.core.masking import mask

LIMIT = 200
"""The most characters of a server's text that are shown."""

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI (ECMA-48, 5.4)
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"  # all others
)
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_COMMAND = re.compile(r"##(?=\w*\[)")
"""What CI systems obey anywhere in a line of a log: ``##[error]``, ``##vso[task...]``, ``##teamcity[...]``."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLENTY = 20
"""So many times the limit is looked at; a server may send megabytes, of which little would be left."""


def clean(text: str, secrets: Iterable[str] = (), limit: int = LIMIT) -> str:
    """One line of visible characters, secrets masked, cut to `limit` characters.

    Escape sequences go as a whole; white space becomes one space; control, format (such as those that turn the
    writing direction) and unassigned characters go; a space breaks what a CI system would take for a command.
    """
    secrets = frozenset(secrets)
    text = re.sub(r"\s+", " ", _visible(text, secrets, limit))
    text = mask(_COMMAND.sub("## ", text.strip()), secrets)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def excerpt(text: str, secrets: Iterable[str] = (), limit: int = LIMIT) -> str:
    """The beginning of a text, to be quoted: as `clean`, but with its white space as it is.

    What is quoted and cut first can be masked no more: quoting changes a secret, and a cut may leave half of it.
    """
    return _visible(text, frozenset(secrets), limit)[:limit]


def unbroken(text: str) -> str:
    """Text in one line: a space stands for control characters and for what else some readers break lines at."""
    return _BREAKS.sub(" ", text)


def _visible(text: str, secrets: frozenset[str], limit: int) -> str:
    # Masked first: a secret may itself hold what the next steps change. And again after: a server may have
    # broken one up with invisible characters.
    text = mask(text, secrets)[: _PLENTY * limit]
    if text.isprintable():
        return text
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = "".join(char for char in text if char.isspace() or unicodedata.category(char) not in _INVISIBLE)
    return mask(text, secrets)
