"""The contract of a report: a run goes in, a whole document comes out."""

from collections.abc import Callable

from msgspec import Struct

from healthmon.core.model import Run


class Appearance(Struct, frozen=True):
    """How a report for people may look. Reports for programs pass it over.

    Attributes:
        colour: Whether ANSI colours are understood.
        unicode: Whether characters beyond ASCII can be written.
        verbose: Whether timings and facts are wanted.
    """

    colour: bool = False
    unicode: bool = True
    verbose: bool = False


Report = Callable[[Run, Appearance], str]
"""Renders a run as one document, with a line feed at its end. Pure."""
