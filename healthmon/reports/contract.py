"""The contract of a report: a run goes in, a whole document comes out."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from healthmon.core.model import Place
from healthmon.core.run import Run

if TYPE_CHECKING:
    from healthmon.reports.rollouts.upshot import Upshot

LONG = 10_000
"""Characters of a line that people rarely read in a terminal: all facts of a service, or a command."""


class Appearance(Struct, frozen=True):
    """How a report may look, and what it may tell beside the run.

    Attributes:
        colour: Whether ANSI colours are understood.
        unicode: Whether characters beyond ASCII can be written.
        verbose: Whether timings and facts are wanted.
        strict: Whether a degraded service counts as not healthy.
        stamped: Whether each line will have the time before it.
        places: Where each service is written, by id. Empty unless the format points there.
        rollout: What came of the rollout whose services these are; None where there was none. No report may say
            that all is well unless this does.
    """

    colour: bool = False
    unicode: bool = True
    verbose: bool = False
    strict: bool = False
    stamped: bool = False
    places: Mapping[str, Place] = {}
    rollout: "Upshot | None" = None


Report = Callable[[Run, Appearance], str]
"""Renders a run as one document, with a line feed at its end. Pure."""
