"""Makes text that came from a server fit to be shown: in a terminal, in a log, in a page."""

import re
import unicodedata
from collections.abc import Iterable

from healthmon.core.masking import mask, utf16

LIMIT = 200
"""The most characters of a server's text that are shown."""

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI (ECMA-48, 5.4)
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"  # all others
)
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters, marks and a symbol that are drawn as nothing: fillers, variation selectors (Unicode, 5.21)."""
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[bf])")
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
    """The beginning of a text, secrets masked, to be quoted: with all that cannot be seen, which `escaped` shows.

    What is quoted and cut first can be masked no more: quoting changes a secret, and a cut may leave half of it.
    """
    text = concealed(text, secrets, limit)
    shown = 0
    for place, char in enumerate(text[:limit]):
        shown += 1 if char.isspace() else len(escaped(char))
        if shown > limit:
            return text[:place]
    return text[:limit]


def concealed(text: str, secrets: Iterable[str], limit: int = LIMIT) -> str:
    """A text of which no more than `limit` characters are to be shown, without secrets.

    Where one was broken up with what cannot be seen, or with the escapes for it, all of that goes.
    """
    secrets = frozenset(secrets)
    text = mask(text, secrets)[: _PLENTY * limit]
    if secrets and not (text.isascii() and text.isprintable() and "\\" not in text):
        whole = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", text)
        bare = _UNSEEN.sub("", _bare(whole))
        masked = mask(bare, secrets)
        return text if masked == bare else masked
    return text


def escaped(text: str) -> str:
    r"""Text with JSON's escapes, such as ``\u200b``, for what cannot be seen or is not seen to be what it is.

    So what is not equal does not read the same; and no control character gets through, nor one that turns the writing.
    """
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return "".join(char if char.isprintable() and not _UNSEEN.match(char) else _escape(char) for char in text)


def _escape(char: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in utf16(char))


def unbroken(text: str) -> str:
    """Text in one line: a space stands for control characters and for what else some readers break lines at."""
    return _BREAKS.sub(" ", text)


def _visible(text: str, secrets: frozenset[str], limit: int) -> str:
    # Masked first: a secret may itself hold what the next steps change. And again after: a server may have
    # broken one up with invisible characters.
    text = mask(text, secrets)[: _PLENTY * limit]
    return text if text.isprintable() else mask(_bare(text), secrets)


def _bare(text: str) -> str:
    """Text without escape sequences and without what is invisible."""
    text = _ESCAPE_SEQUENCE.sub("", text)
    return "".join(char for char in text if char.isspace() or unicodedata.category(char) not in _INVISIBLE)
