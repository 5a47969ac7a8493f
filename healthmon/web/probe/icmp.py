"""ICMP by `/probe`."""

from collections.abc import Iterator

from healthmon.web.probe.contract import Kind, Measured, Seen, gauge, one

_DURATION = gauge("probe_icmp_duration_seconds", "How long each phase took.", "phase")
_HOP_LIMIT = gauge("probe_icmp_reply_hop_limit", "How many more hops the reply might have made.")


def _measure(seen: Seen) -> Iterator[Measured]:
    times = seen.outcome.timings
    phases = {"resolve": times.resolve, "setup": times.connect, "rtt": times.wait}
    yield Measured(_DURATION, tuple(((phase,), seconds or 0.0) for phase, seconds in phases.items()))
    hop_limit = seen.number("hop_limit")
    if hop_limit is not None:
        yield one(_HOP_LIMIT, hop_limit)


ICMP = Kind(_measure)
