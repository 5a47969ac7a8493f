"""One report after the other: what `check --watch` does where there is no terminal."""

from collections.abc import Callable

from healthmon.cli import streams
from healthmon.cli.output.reporting import Reporting
from healthmon.core.model import Result
from healthmon.core.run import Run


class Reports:
    """Writes a report of each round on stdout, with an empty line between two.

    Args:
        reporting: How it looks.
        end: Called when nobody reads any more.

    Attributes:
        last: The last round; None before the first has ended.
    """

    def __init__(self, reporting: Reporting, end: Callable[[], None]) -> None:
        self._reporting = reporting
        self._end = end
        self.last: Run | None = None

    def began(self) -> None:
        """A round begins."""

    def checked(self, result: Result) -> None:
        """A check has ended."""

    def ended(self, run: Run, pause: float) -> None:  # noqa: ARG002 - of the contract
        """Write the report of a round."""
        read_so_far = self.last is None or streams.write_report("\n")
        self.last = run
        if not (read_so_far and self._reporting.write(run)):
            self._end()
