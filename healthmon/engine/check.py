"""One check: attempts within their timeout, and the judgement of the last."""

import asyncio
import time
import traceback
from collections.abc import Callable

from msgspec import Struct

from healthmon.core.judge import judge, not_found_out
from healthmon.core.model import Cause, Outcome, Result, Service
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe


class Clock(Struct, frozen=True):
    """Where the time comes from.

    Attributes:
        wall: Seconds since the epoch.
        monotonic: Seconds since some moment, never set back.
    """

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


async def check(
    service: Service,
    *,
    probe: Probe,
    network: Network,
    clock: Clock = Clock(),  # noqa: B008 - frozen
    observer: Callable[[Outcome], None] = lambda _: None,
) -> Result:
    """Check a service once: up to `1 + retries` attempts, each within the service's timeout.

    A fault of the probe or the judge ends in a result with cause `internal`, never in an exception. Cancelling the
    check cancels the attempt.

    Args:
        service: What to check.
        probe: What speaks its protocol.
        network: What the probe goes through.
        clock: Where the time comes from.
        observer: Told of the outcome of each attempt.
    """
    started, begun = clock.wall(), clock.monotonic()
    for attempt in range(1, service.retries + 2):
        outcome = await _attempt(service, probe, network)
        observer(outcome)
        duration = clock.monotonic() - begun
        try:
            result = judge(service, outcome, started=started, duration=duration, attempts=attempt)
        except Exception as error:  # a fault in one check touches no other
            result = not_found_out(service, Cause.INTERNAL, _describe(error), started=started, duration=duration)
        if result.verdict.healthy:
            break
    return result


async def _attempt(service: Service, probe: Probe, network: Network) -> Outcome:
    trace = Trace()
    try:
        async with asyncio.timeout(service.timeout) as scope:
            await probe.run(service, network, trace)
    except ProbeFailed as failure:
        return trace.outcome(failure)
    except MemoryError:
        return trace.outcome(ProbeFailed(Cause.LOCAL, "out of memory"))
    except Exception as error:  # a fault in one check touches no other
        if isinstance(error, TimeoutError) and scope.expired():
            return trace.timed_out(service.timeout)
        return trace.outcome(ProbeFailed(Cause.INTERNAL, _describe(error)))
    return trace.outcome()


def _describe(error: Exception) -> str:
    """The error and the place where it arose, enough for a useful report of the fault."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = place.filename.rpartition("/")[2]
    return f"{type(error).__name__}: {error} ({file}:{place.lineno})"
