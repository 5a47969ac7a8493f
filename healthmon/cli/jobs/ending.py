"""How a run that nobody watches ended."""

from msgspec import Struct

from healthmon.core.run import Run
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance


class JobEnd(Struct, frozen=True):
    """How it ended.

    Attributes:
        code: The exit code.
        run: What was found out, or None.
        text: What there is to say where nothing was.
    """

    code: int
    run: Run | None = None
    text: str = ""

    def report(self) -> str:
        """The whole report for people, or the text."""
        return self.text if self.run is None else REPORTS["text"](self.run, Appearance())
