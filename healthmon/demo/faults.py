"""Faults to order: the ways in which a demo service can fail."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from healthmon.config.nearest import did_you_mean
from healthmon.demo.services import SERVICES, DemoService
from healthmon.errors import UsageError


class Fault(StrEnum):
    """One way to fail.

    `hang` accepts and never answers; `slow` answers after `SLOW_DELAY`; `reset` closes with RST instead of an
    answer; `garbage` sends bytes that are not HTTP; `wrong-json` answers 200 with JSON that says it is not well;
    `closed` does not listen. The numbers are HTTP statuses.
    """

    UNAVAILABLE = "503"
    SERVER_ERROR = "500"
    NOT_FOUND = "404"
    HANG = "hang"
    SLOW = "slow"
    RESET = "reset"
    GARBAGE = "garbage"
    WRONG_JSON = "wrong-json"
    CLOSED = "closed"


SLOW_DELAY = 3.0
"""Seconds: within the default time-out of 10 s, and beyond what a user waits for gladly."""


def parse_faults(orders: Iterable[str], services: Iterable[DemoService]) -> dict[str, Fault]:
    """Read orders such as ``brain=503``.

    Args:
        orders: The orders; of several for one service the last one counts.
        services: The services that are started.

    Raises:
        UsageError: An order is not ``ID=FAULT``, or its service or its fault is not known or not started.
    """
    return check_faults(dict(_split(order) for order in orders), services)


def check_faults(faults: Mapping[str, str], services: Iterable[DemoService]) -> dict[str, Fault]:
    """Check faults by service.

    Raises:
        UsageError: A service or a fault is not known, or the service is not started.
    """
    started = {service.id for service in services}
    for service_id in faults:
        _check_service(service_id, started)
    return {service_id: _fault(name) for service_id, name in faults.items()}


def _split(order: str) -> tuple[str, str]:
    service_id, equals, fault = order.partition("=")
    if not equals:
        raise UsageError(f"--fail {order}: write ID=FAULT, such as brain=503.")
    return service_id, fault


def _check_service(service_id: str, started: set[str]) -> None:
    if service_id in started:
        return
    phase = {service.id: service.phase for service in SERVICES}.get(service_id)
    if phase is not None:
        raise UsageError(f"--fail: {service_id} is not started; it belongs to phase {phase}. Use --phase {phase}.")
    raise UsageError(
        f'--fail: there is no service "{service_id}"{did_you_mean(service_id, started)}'
        f"\nThe services are {', '.join(service.id for service in SERVICES)}."
    )


def _fault(name: str) -> Fault:
    try:
        return Fault(name)
    except ValueError:
        raise UsageError(
            f'--fail: there is no fault "{name}"{did_you_mean(name, list(Fault))}\nThe faults are {", ".join(Fault)}.'
        ) from None
