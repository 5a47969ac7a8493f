"""The marks and colours of the reports for people."""

from collections.abc import Mapping

import click
from msgspec import Struct

from healthmon.core.model import Verdict
from healthmon.reports.contract import Appearance


class Mark(Struct, frozen=True):
    """How a verdict looks: a sign, the same in ASCII, a word and a colour of click's."""

    sign: str
    ascii: str
    word: str
    colour: str


MARKS: Mapping[Verdict, Mark] = {
    Verdict.UP: Mark("✓", "+", "OK", "green"),
    Verdict.DEGRADED: Mark("!", "!", "DEGRADED", "yellow"),
    Verdict.DOWN: Mark("✗", "x", "FAILED", "red"),
    Verdict.UNKNOWN: Mark("?", "?", "UNKNOWN", "magenta"),
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
        mark = MARKS[verdict]
        sign = mark.sign if self._appearance.unicode else mark.ascii
        return self.colour(f"{sign} {mark.word}", verdict)

    def colour(self, text: str, verdict: Verdict) -> str:
        """Text in the colour of a verdict."""
        return click.style(text, fg=MARKS[verdict].colour) if self._appearance.colour else text

    def bold(self, text: str) -> str:
        """Text that stands out."""
        return click.style(text, bold=True) if self._appearance.colour else text

    def dim(self, text: str) -> str:
        """Text that stands back."""
        return click.style(text, dim=True) if self._appearance.colour else text

    def finish(self, lines: list[str]) -> str:
        """Lines as one document, in characters that can be written."""
        text = "".join(f"{line}\n" for line in lines)
        return text if self._appearance.unicode else text.translate(_ASCII).encode("ascii", "replace").decode()
