"""What the daemon has to say about itself, in words."""

import traceback
from collections.abc import Sequence

from healthmon.core.model import Result, Service
from healthmon.core.notices import Notice, Severity
from healthmon.core.safe_text import clean
from healthmon.core.wording import counted, named

_NAMED = 5

ONLINE = Notice(Severity.INFO, "online", "This machine has a way to the network again.")


def offline_notice(service: Service) -> Notice:
    """What is said when a service cannot be reached for want of a way to it."""
    message = (
        f"This machine has no way to {service.address.host} ({service.id}): what cannot be reached is unknown, not "
        "down, until something outside is reached. See `ip route`."
    )
    return Notice(Severity.ERROR, "offline", message, {"service": service.id})


def first_round(results: Sequence[Result]) -> Notice:
    """What is said when every service has been checked once."""
    failing = [result.service.id for result in results if not result.verdict.healthy]
    healthy = len(results) - len(failing)
    message = f"Every service has been checked once: {healthy} of {len(results)} healthy"
    message += f"; not yet: {some(failing)}." if failing else "."
    return Notice(Severity.INFO, "first_round", message, {"services": len(results), "healthy": healthy})


def maintenance_notice(ids: Sequence[str], *, began: bool) -> Notice:
    """What is said when a maintenance window opens or closes."""
    whom, details = f"for {counted(len(ids), 'service')}: {some(ids)}.", {"services": len(ids)}
    if began:
        return Notice(Severity.INFO, "maintenance_began", f"Maintenance has begun {whom}", details)
    return Notice(Severity.INFO, "maintenance_ended", f"Maintenance has ended {whom}", details)


def some(ids: Sequence[str]) -> str:
    """The first of some ids, and how many there are besides."""
    return named(ids, _NAMED)


def internal_fault(error: BaseException) -> Notice:
    """What is said of a fault in healthmon itself that the daemon survives."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    message = f"A fault in healthmon itself, please report it: {type(error).__name__}: {error}{place}"
    return Notice(Severity.ERROR, "internal", clean(message, ()))
