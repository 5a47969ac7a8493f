"""The contract of a log format: an event goes in, one line comes out."""

from collections.abc import Callable

from healthmon.core.model import Result
from healthmon.core.notices import Notice
from healthmon.core.state import Transition

Event = Transition | Notice | Result
"""What is worth a line: a change of what is believed, something of the daemon itself, and, where asked for, a check."""

Format = Callable[[Event, float], str]
"""Renders an event that was told at this moment, wall. One line without a line feed, fit to be shown. Pure."""
