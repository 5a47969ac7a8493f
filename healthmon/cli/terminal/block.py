"""A block of lines at the end of a terminal's text, drawn anew in its place."""

from collections.abc import Callable, Sequence

from healthmon.reports.cells import shown_width


class Block:
    """Writes text that stays, and below it the block.

    A terminal that has become narrower has wrapped the lines of the block: most do. They are counted as they stand.

    Args:
        columns: The cells in a row of the terminal, asked at each drawing.
    """

    def __init__(self, columns: Callable[[], int]) -> None:
        self._columns = columns
        self._drawn: Sequence[str] = ()

    def __call__(self, text: str, lines: Sequence[str]) -> str:
        """What to write."""
        erased, self._drawn = self._erase(), lines
        # The cursor waits where what is typed, such as ^C, is shown within the block and moves nothing.
        return erased + text + "\n".join(lines) + ("\r" if lines else "")

    def forget(self) -> None:
        """Leave the block where it stands: something else has been written since, such as by a shell after Ctrl-Z."""
        self._drawn = ()

    def _erase(self) -> str:
        if not self._drawn:
            return ""
        columns = self._columns()
        above = sum(max(1, -(-shown_width(line) // columns)) for line in self._drawn[:-1])
        return "\r" + (f"\x1b[{above}A" if above else "") + "\x1b[J"
