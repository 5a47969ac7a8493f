"""One check: attempts within their timeout, and the judgement of the last."""

import asyncio
import time
import traceback
from collections.abc import Callable

from msgspec import Struct, structs

from healthmon.core.judge import judge, not_found_out
from healthmon.core.model import Cause, Failure, Outcome, Result, Service, Stage, Verdict
from healthmon.core.units import format_duration
from healthmon.net.aside import aside
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe

_LARGE = 64 * 2**10
"""Bytes of a body that are evaluated in no time worth a thread, whatever they are and whatever is asked of them."""

_LATE = 1.0
"""Seconds by which a busy program may see the end of a timeout too late."""


def _since_boot() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Clock(Struct, frozen=True):
    """Where the time comes from.

    Attributes:
        wall: Seconds since the epoch.
        monotonic: Seconds since some moment, never set back.
        boot: The same, and goes on while the machine sleeps (CLOCK_BOOTTIME of clock_gettime(2)).
    """

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    boot: Callable[[], float] = _since_boot


async def check(
    service: Service,
    *,
    probe: Probe,
    network: Network,
    clock: Clock = Clock(),  # noqa: B008 - frozen
    observer: Callable[[Outcome], None] = lambda _: None,
) -> Result:
    """Check a service once: up to `1 + retries` attempts, each within the service's timeout.

    A fault of the probe or the judge ends in a result with cause `internal`, never in an exception. A failure that was
    seen long after the timeout is one of this machine, which slept or stopped the program: cause `local`. Cancelling
    the check cancels the attempt.

    Args:
        service: What to check.
        probe: What speaks its protocol.
        network: What the probe goes through.
        clock: Where the time comes from.
        observer: Told of the outcome of each attempt.
    """
    started, begun = clock.wall(), clock.monotonic()
    attempts = 0
    while True:
        attempts += 1
        ends = asyncio.get_running_loop().time() + service.timeout
        booted = clock.boot()
        outcome = await _attempt(service, probe, network, ends)
        observer(outcome)
        result = await _judged(service, outcome, started, ends)
        late = clock.boot() - booted - service.timeout
        if result.verdict is Verdict.DOWN and late > max(_LATE, service.timeout / 5):
            why = f"this machine slept, or did not let the program run, for {format_duration(late)} during the check"
            result = not_found_out(service, Cause.LOCAL, why, started=started, duration=0.0)
        if result.verdict.healthy or attempts > service.retries:
            return structs.replace(result, duration=clock.monotonic() - begun, attempts=attempts)


async def _attempt(service: Service, probe: Probe, network: Network, ends: float) -> Outcome:
    trace = Trace()
    try:
        async with asyncio.timeout_at(ends) as scope:
            await probe.run(service, network, trace)
    except ProbeFailed as failure:
        return trace.outcome(failure)
    except MemoryError:
        return trace.outcome(ProbeFailed(Cause.LOCAL, "out of memory"))
    except Exception as error:  # a fault in one check touches no other
        if isinstance(error, TimeoutError) and scope.expired():
            return trace.timed_out(service.timeout)
        if isinstance(error, ImportError) and probe.extra and not (error.name or "").startswith("healthmon"):
            return trace.outcome(ProbeFailed(Cause.LOCAL, _unusable(probe, error)))
        return trace.outcome(ProbeFailed(Cause.INTERNAL, _describe(error)))
    return trace.outcome()


async def _judged(service: Service, outcome: Outcome, started: float, ends: float) -> Result:
    """The result of an outcome, within what is left of the timeout: a server may send what takes long to evaluate."""
    large = outcome.body is not None and len(outcome.body.content) > _LARGE
    try:
        if not large:
            return judge(service, outcome, started=started, duration=0.0)
        async with asyncio.timeout_at(ends) as scope:
            return await aside(lambda: judge(service, outcome, started=started, duration=0.0))
    except Exception as error:  # a fault in one check touches no other
        if large and isinstance(error, TimeoutError) and scope.expired():
            return judge(service, _not_evaluated(service, outcome), started=started, duration=0.0)
        return not_found_out(service, Cause.INTERNAL, _describe(error), started=started, duration=0.0)


def _not_evaluated(service: Service, outcome: Outcome) -> Outcome:
    message = f"the body was not evaluated within {format_duration(service.timeout)}"
    return structs.replace(outcome, body=None, failure=Failure(Cause.TIMEOUT, message, Stage.TRANSFER))


def _unusable(probe: Probe, error: ImportError) -> str:
    """That a library is there and is not what the probe needs: half installed, or of another version."""
    libraries = " and ".join(probe.libraries)
    return f"the library {libraries} cannot be used ({error}); run pip install 'healthmon[{probe.extra}]'"


def _describe(error: Exception) -> str:
    """The error and the place where it arose, enough for a useful report of the fault."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = place.filename.rpartition("/")[2]
    return f"{type(error).__name__}: {error} ({file}:{place.lineno})"
