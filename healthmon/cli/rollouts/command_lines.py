"""The command lines that a rollout tells people to run: each with all that decides whether a service is healthy."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from shlex import join

from healthmon.app.rollout import Undertaking
from healthmon.cli.rollouts.request import INTERVAL, Request
from healthmon.core.rollout import before


def again(request: Request) -> str:
    """The command that resumes a rollout. With which phase it began is in the journal."""
    return join([*_rollout(request), "--resume"])


def anew(request: Request, undertaking: Undertaking, index: int) -> str:
    """The command that begins anew, with the phase at this position."""
    return join([*_rollout(request), *(["--from", undertaking.rollout.phases[index].name] if index else [])])


def check(request: Request, undertaking: Undertaking, expected: Mapping[str, Sequence[str]], index: int) -> str:
    """The command that checks what is to be healthy before a phase; empty where nothing is known of it.

    Args:
        request: What the command line says.
        undertaking: The rollout.
        expected: What is expected besides, as it was typed → the ids of the services that it is for.
        index: The position of the phase.
    """
    rollout = undertaking.rollout
    number = before(rollout.phases, index)
    services = undertaking.up_to(number)
    if not services:
        return ""
    ids = {service.id for service in services}
    # HOST, and what is expected, are refused where they would change nothing.
    host = [undertaking.host] if undertaking.host and any(one.uses_host for one in services) else []
    words = ["healthmon", "check", *host, "--config", undertaking.config]
    words += ["--with", rollout.group] if rollout.group and any(one.group == rollout.group for one in services) else []
    if any(service.phase is None for service in services) or number is None:
        # --phase takes no service that has none.
        words += [word for service in services for word in ("--only", service.id)]
    else:
        words += ["--phase", str(number), *(word for pattern in rollout.skip for word in ("--skip", pattern))]
    words += [word for text, meant in expected.items() if ids.intersection(meant) for word in ("--expect", text)]
    return join([*words, *_deciding(request)])


def _rollout(request: Request) -> list[str]:
    options = [("--config", request.config), ("--journal", request.journal)]
    options += [("--expect", text) for text in request.expected]
    options += [("--interval", None if request.interval == INTERVAL else _seconds(request.interval))]
    options += [("--format", None if request.format == "text" else request.format)]
    options += [("--report", text) for text in request.reports]
    return [
        *("healthmon", "rollout", str(request.file)),
        *([request.host] if request.host else []),
        *(word for option, value in options if value is not None for word in (option, value)),
        *_deciding(request),
    ]


def _deciding(request: Request) -> list[str]:
    """The options of `check`, too, that decide whether a service is healthy."""
    words = [] if request.timeout is None else ["--timeout", _seconds(request.timeout)]
    return [*words, *(["--fail-on", "degraded"] if request.strict else [])]


def _seconds(duration: float) -> str:
    """A duration that is read as the same one again: not rounded, and without an exponent."""
    return f"{Decimal(repr(float(duration))).normalize():f}"
