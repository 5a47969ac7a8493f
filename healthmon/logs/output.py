"""What stderr is, and which characters it takes."""

import codecs
import os
from collections.abc import Callable, Mapping

_ASCII = str.maketrans({"…": "...", "·": "|", "–": "-", "✓": "+", "✗": "x"})


def default_format(environ: Mapping[str, str], stderr_fd: int) -> str:
    """The format that suits stderr: ``journal`` if the journal reads it, else ``text``.

    ``$JOURNAL_STREAM`` names the device and the inode of the stream that systemd connected (systemd.exec(5)). They are
    compared, because a program that inherits the variable may have been given another stderr.
    """
    try:
        status = os.fstat(stderr_fd)
    except OSError:
        return "text"
    stream = f"{status.st_dev}:{status.st_ino}"
    return "journal" if environ.get("JOURNAL_STREAM") == stream else "text"


def encoder(encoding: str | None) -> Callable[[str], bytes]:
    """What encodes text for a stream of this encoding, and never fails.

    What the encoding lacks becomes something like it, or a question mark. One that is unknown, or that is no
    superset of ASCII, so that no reader could tell its lines apart, is taken for ASCII.
    """
    codec = _line_codec(encoding)

    def encode(text: str) -> bytes:
        try:
            return text.encode(codec)
        except UnicodeEncodeError:
            return text.translate(_ASCII).encode(codec, "replace")

    return encode


def _line_codec(encoding: str | None) -> str:
    try:
        codec = codecs.lookup(encoding or "ascii").name
        plain = "\n ~".encode(codec) == b"\n ~"
    except (LookupError, TypeError):
        return "ascii"
    return codec if plain else "ascii"
