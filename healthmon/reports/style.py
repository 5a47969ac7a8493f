"""The marks and colours of the reports for people."""

from collections.abc import Mapping

from msgspec import Struct

from healthmon.core.model import Verdict
from healthmon.reports.contract import Appearance


class Mark(Struct, frozen=True):
    """How a verdict looks: a sign, the same in ASCII, a word, and a colour by its name in colorama."""

    sign: str
    ascii: str
    word: str
    colour: str


MARKS: Mapping[Verdict, Mark] = {
    Verdict.UP: Mark("✓", "+", "OK", "GREEN"),
    Verdict.DEGRADED: Mark("!", "!", "DEGRADED", "YELLOW"),
    Verdict.DOWN: Mark("✗", "x", "FAILED", "RED"),
    Verdict.UNKNOWN: Mark("?", "?", "UNKNOWN", "MAGENTA"),
}

_ASCII = str.maketrans({"…": "...", "·": "|", "–": "-"})


class Pen:
    """Writes text as far as the appearance allows."""

    def __init__(self, appearance: Appearance) -> None:
        self._appearance = appearance

    def sign(self, verdict: Verdict) -> str:
        """The sign of a verdict, coloured."""
        mark = MARKS[verdict]
        return self.colour(mark.sign if self._appearance.unicode else mark.ascii, verdict)

    def verdict(self, verdict: Verdict) -> str:
        """The sign and the word of a verdict, coloured."""
        return self.mark(MARKS[verdict])

    def mark(self, mark: Mark) -> str:
        """A sign and its word, coloured."""
        sign = mark.sign if self._appearance.unicode else mark.ascii
        return self._styled(f"{sign} {mark.word}", "Fore", mark.colour)

    def colour(self, text: str, verdict: Verdict) -> str:
        """Text in the colour of a verdict."""
        return self._styled(text, "Fore", MARKS[verdict].colour)

    def bold(self, text: str) -> str:
        """Text that stands out."""
        return self._styled(text, "Style", "BRIGHT")

    def dim(self, text: str) -> str:
        """Text that stands back."""
        return self._styled(text, "Style", "DIM")

    def _styled(self, text: str, kind: str, name: str) -> str:
        if not self._appearance.colour:
            return text
        import colorama  # Takes 9 ms, for ctypes; plain reports need none of it.

        return f"{getattr(getattr(colorama, kind), name)}{text}{colorama.Style.RESET_ALL}"

    def finish(self, lines: list[str]) -> str:
        """Lines as one document, in characters that can be written."""
        text = "".join(f"{line}\n" for line in lines)
        return text if self._appearance.unicode else text.translate(_ASCII).encode("ascii", "replace").decode()
