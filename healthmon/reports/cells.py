"""Text in a terminal's cells: a Chinese character takes two, an accent that combines takes none.

wcwidth, which knows how wide characters are, is imported only when columns are drawn.
"""

from collections.abc import Iterable


def shown_width(line: str) -> int:
    """The cells that a line takes; its colours take none."""
    from wcwidth import width

    return width(line)


def longest(texts: Iterable[str], most: int) -> int:
    """The cells that the longest of these takes, or `most` if that is less."""
    from wcwidth import width

    return min(most, max(map(width, texts), default=0))


def fit(text: str, width: int) -> str:
    """Text that takes exactly `width` cells: filled with spaces, or cut with `…`."""
    from wcwidth import clip, ljust

    if shown_width(text) <= width:
        return ljust(text, width)
    return ljust(clip(text, 0, width - 1), width - 1) + "…" if width else ""


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of at most `width` cells, broken between words where that is possible; at least one line."""
    from wcwidth import wrap

    return wrap(text, width) or [""]
