"""What the daemon has to say about itself."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from healthmon.core.model import Scalar


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Notice(Struct, frozen=True):
    """One thing worth a line in the log.

    Attributes:
        severity: How much it matters.
        event: Its name for machines, such as ``reload_failed``.
        message: One line for people, with the remedy where there is one. Safe to show.
        details: Names and values for machines. Safe to show.
    """

    severity: Severity
    event: str
    message: str
    details: Mapping[str, Scalar] = {}
