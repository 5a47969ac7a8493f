"""What the daemon logs, and in which form. The formats and their keys are in docs/logs.md."""

from collections.abc import Callable, Mapping

from healthmon.logs import journal, json, text
from healthmon.logs.contract import Event, Format
from healthmon.logs.output import default_format, encoder

__all__ = ["FORMATS", "Event", "default_format", "renderer"]

FORMATS: Mapping[str, Format] = {
    "text": text.render,
    "json": json.render,
    "journal": journal.render,
}
"""The formats by the name that ``--log-format`` knows them by."""


def renderer(name: str, encoding: str | None) -> Callable[[Event, float], bytes]:
    """What turns an event, and the wall time at which it was told, into a line as it is written, line feed included.

    Args:
        name: One of `FORMATS`.
        encoding: That of the stream. JSON is always UTF-8 (RFC 8259, 8.1).
    """
    render, encode = FORMATS[name], encoder("utf-8" if name == "json" else encoding)
    return lambda event, told: encode(render(event, told) + "\n")
