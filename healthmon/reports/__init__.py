"""Render a run. One file per format, and the table of them."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from healthmon.reports.contract import Report


class Reports(Mapping[str, Report]):
    """Formats by their names, each imported only when it is chosen: `check` writes one of them, or none.

    Args:
        names: The formats. Each lives in `healthmon.reports.NAME` as `render`.
    """

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Report:
        """What renders a run in a format."""
        if name not in self._names:
            raise KeyError(name)
        render: Report = import_module(f"{__name__}.{name}").render
        return render

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the table."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._names)


REPORTS: Mapping[str, Report] = Reports("text", "json", "junit", "tap", "nagios", "github", "markdown", "prometheus")

POINTING = frozenset({"github"})
"""The formats that tell in which file, and on which line of it, a service is written."""
