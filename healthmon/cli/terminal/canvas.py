"""What is drawn on: so many cells, with or without colours and characters beyond ASCII."""

from collections.abc import Iterable

from msgspec import Struct

from healthmon.reports.cells import fit, longest
from healthmon.reports.contract import Appearance
from healthmon.reports.style import Pen

_ASCII = {ord("…"): "~", ord("·"): "."}


class Canvas(Struct, frozen=True):
    """A terminal as it is now.

    Attributes:
        columns: The cells in a row.
        lines: The rows.
        appearance: What it can show.
    """

    columns: int
    lines: int
    appearance: Appearance

    @property
    def pen(self) -> Pen:
        """What writes in colours."""
        return Pen(self.appearance)

    @property
    def width(self) -> int:
        """The cells of a row that are used: not the last, in which a terminal may wrap or not."""
        return max(1, self.columns - 1)

    def glyph(self, sign: str, ascii_: str) -> str:
        """A sign, or its likeness in ASCII."""
        return sign if self.appearance.unicode else ascii_

    def fit(self, text: str, width: int) -> str:
        """Text that takes exactly so many cells, filled or cut, in characters that can be shown."""
        return self._shown(fit(self._shown(text), width))

    def cut(self, text: str) -> str:
        """Text that takes no more than a row."""
        return self.fit(text, self.width).rstrip()

    def longest(self, texts: Iterable[str], most: int) -> int:
        """The cells that the longest of these takes, or `most` if that is less."""
        return longest(map(self._shown, texts), most)

    def _shown(self, text: str) -> str:
        return text if self.appearance.unicode else text.translate(_ASCII).encode("ascii", "replace").decode()
