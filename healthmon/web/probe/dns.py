"""DNS by `/probe`."""

from collections.abc import Iterator

from healthmon.probes.dns import asked
from healthmon.web.probe.contract import Kind, Measured, Seen, gauge, one

_ANSWER = gauge("probe_dns_answer_rrs", "How many records the answer section holds.")
_AUTHORITY = gauge("probe_dns_authority_rrs", "How many records the authority section holds.")
_ADDITIONAL = gauge("probe_dns_additional_rrs", "How many records the additional section holds.")
_SUCCEEDED = gauge("probe_dns_query_succeeded", "Whether there was an answer, whatever it says: 1 yes, 0 no.")
_DURATION = gauge("probe_dns_duration_seconds", "How long each phase took.", "phase")
_SERIAL = gauge("probe_dns_serial", "The serial number of the zone; 0 without one.")


def _measure(seen: Seen) -> Iterator[Measured]:
    times = seen.outcome.timings
    yield one(_ANSWER, seen.number("answers") or 0.0)
    yield one(_AUTHORITY, seen.number("authority") or 0.0)
    yield one(_ADDITIONAL, seen.number("additional") or 0.0)
    yield one(_SUCCEEDED, float(seen.text("rcode") is not None))
    phases = (
        (("resolve",), times.resolve or 0.0),
        (("connect",), times.connect or 0.0),
        (("request",), (times.wait or 0.0) + (times.transfer or 0.0)),
    )
    yield Measured(_DURATION, phases)
    if asked(seen.result.service).type == "SOA":
        yield one(_SERIAL, seen.number("serial") or 0.0)


DNS = Kind(_measure)
