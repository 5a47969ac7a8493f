"""How much each event matters, in one place for all formats."""

from collections.abc import Mapping
from enum import IntEnum

from healthmon.core import notices
from healthmon.core.model import Verdict
from healthmon.core.notices import Notice
from healthmon.core.state import Transition
from healthmon.logs.contract import Event


class Priority(IntEnum):
    """How much a line matters, with the numbers of syslog(3) and sd-daemon(3)."""

    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7


_NOTICES: Mapping[notices.Severity, Priority] = {
    notices.Severity.ERROR: Priority.ERROR,
    notices.Severity.WARNING: Priority.WARNING,
    notices.Severity.INFO: Priority.INFO,
}


def priority(event: Event) -> Priority:
    """How much an event matters.

    An alarm is an error; what is not well and raises none, or is not known any more, a warning; a recovery is a
    notice; the first time that a service is found well is information; a check is for debugging.
    """
    if isinstance(event, Notice):
        return _NOTICES[event.severity]
    if isinstance(event, Transition):
        return _of_transition(event)
    return Priority.DEBUG


def _of_transition(transition: Transition) -> Priority:
    if transition.alarm:
        return Priority.ERROR
    if transition.after is not Verdict.UP:
        return Priority.WARNING
    return Priority.INFO if transition.before is Verdict.UNKNOWN else Priority.NOTICE
