"""Text in a terminal's cells: a Chinese character takes two, an accent that combines takes none.

rich, which knows how wide characters are, is imported only when something is drawn.
"""

import re
from collections.abc import Iterable

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown_width(line: str) -> int:
    """The cells that a line takes; its colours take none."""
    from rich.cells import cell_len

    return cell_len(_COLOUR.sub("", line))


def longest(texts: Iterable[str], most: int) -> int:
    """The cells that the longest of these takes, or `most` if that is less."""
    from rich.cells import cell_len

    return min(most, max(map(cell_len, texts), default=0))


def fit(text: str, width: int) -> str:
    """Text that takes exactly `width` cells: filled with spaces, or cut with `…`."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…" if width else ""
