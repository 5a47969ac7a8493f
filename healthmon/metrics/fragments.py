"""A service's samples as text, ready to be joined: rendered when something has changed, not when somebody asks.

Sample lines are the same in Prometheus' text format and in OpenMetrics. The templates are filled by `%`, which is the
fastest way for lines that repeat the same labels.
"""

from collections.abc import Iterable
from itertools import accumulate

from healthmon.core.model import Result, Service, Timings, Verdict
from healthmon.metrics import families
from healthmon.metrics.families import CHECK_BOUNDS, CHECK_DURATION, Family
from healthmon.metrics.series import VERDICTS, Series, moment, number, span

Fragments = tuple[bytes, ...]
"""A service's lines, one piece a family: first those of `STATE_FAMILIES`, then those of `CHECK_FAMILIES`."""


def escape(value: str) -> str:
    """A label's value as it stands between quotes."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def labels(service: Service) -> str:
    """The labels that every sample of a service has."""
    return f'service="{escape(service.id)}",group="{escape(service.group or "")}"'


def of_state(series: Series) -> Fragments:
    """What the config says of a service and what is believed of it."""
    owner, state, verdict = labels(series.service), series.state, series.state.verdict
    root = state.blocked_by
    known = verdict is not Verdict.UNKNOWN
    return (
        (_UP % (owner, verdict.healthy)).encode() if known else b"",
        (_STATE % _paired(owner, [verdict is each for each in VERDICTS])).encode(),
        (_INFO % (owner, *map(escape, described(series.service)))).encode(),
        (_INTERVAL % (owner, span(series.service.interval))).encode(),
        (_IN_MAINTENANCE % (owner, state.in_maintenance)).encode(),
        (_FLAPPING % (owner, state.flapping)).encode(),
        (_LAST_TRANSITION % (owner, moment(state.since))).encode() if state.since is not None else b"",
        (_BLOCKED % (owner, escape(root))).encode() if root and verdict is Verdict.DOWN else b"",
    )


def described(service: Service) -> tuple[str, str, str, str]:
    """The values of the labels of `healthmon_service_info`, without those that every family has."""
    phase = "" if service.phase is None else str(service.phase)
    return service.name, service.shown_url, phase, service.address.scheme


def of_checks(series: Series) -> Fragments:
    """What the checks of a service have shown."""
    owner = labels(series.service)
    checks = (_CHECKS % _paired(owner, series.verdicts())).encode()
    result = series.result
    if result is None:
        return (b"", b"", b"", b"", checks, b"", *(b"" for _ in _FACTS))
    failures = "".join(_FAILURES % (owner, cause, count) for cause, count in series.failures().items())
    return (
        (_SUCCESS % (owner, result.verdict.healthy)).encode() if result.verdict is not Verdict.UNKNOWN else b"",
        _duration(owner, series),
        _stages(owner, result.timings),
        (_LAST_TIMESTAMP % (owner, moment(result.started))).encode(),
        checks,
        failures.encode(),
        *_facts(owner, result),
    )


def _paired(owner: str, values: Iterable[float]) -> tuple[str | float, ...]:
    """Each value with the labels before it."""
    return tuple(part for value in values for part in (owner, value))


def _duration(owner: str, series: Series) -> bytes:
    counts = list(accumulate(series.buckets()))
    return (_DURATION % _paired(owner, (*counts, span(series.seconds), counts[-1]))).encode()


def _stages(owner: str, timings: Timings) -> bytes:
    return "".join(
        _STAGE_DURATION % (owner, stage, span(seconds)) for stage, seconds in stages(timings) if seconds is not None
    ).encode()


def stages(timings: Timings) -> Iterable[tuple[str, float | None]]:
    """The stages and their times."""
    return (
        ("resolve", timings.resolve),
        ("connect", timings.connect),
        ("tls", timings.tls),
        ("wait", timings.wait),
        ("transfer", timings.transfer),
    )


def _facts(owner: str, result: Result) -> Iterable[bytes]:
    values = {fact.name: number(fact.value) for fact in reversed(result.facts)}
    for name, template in _FACTS:
        value = values.get(name)
        yield b"" if value is None else (template % (owner, value)).encode()


def _template(family: Family, value: str, *, suffix: str = "", more: str = "") -> str:
    """A line: the first gap takes the labels that all have, the next those of the family, the last the value."""
    own = "".join(f',{label}="%s"' for label in family.labels[2:])
    return f"{family.name}{suffix}{{%s{more or own}}} {value}\n"


_UP = _template(families.SERVICE_UP, "%d")
_STATE = "".join(_template(families.SERVICE_STATE, "%d", more=f',state="{verdict}"') for verdict in VERDICTS)
_INFO = _template(families.SERVICE_INFO, "1")
_INTERVAL = _template(families.SERVICE_INTERVAL, "%r")
_IN_MAINTENANCE = _template(families.SERVICE_IN_MAINTENANCE, "%d")
_FLAPPING = _template(families.SERVICE_FLAPPING, "%d")
_LAST_TRANSITION = _template(families.SERVICE_LAST_TRANSITION, "%r")
_BLOCKED = _template(families.SERVICE_BLOCKED, "1")
_SUCCESS = _template(families.CHECK_SUCCESS, "%d")
_DURATION = (
    "".join(
        _template(CHECK_DURATION, "%d", suffix="_bucket", more=f',le="{bound}"') for bound in (*CHECK_BOUNDS, "+Inf")
    )
    + _template(CHECK_DURATION, "%r", suffix="_sum")
    + _template(CHECK_DURATION, "%d", suffix="_count")
)
_STAGE_DURATION = _template(families.CHECK_STAGE_DURATION, "%r")
_LAST_TIMESTAMP = _template(families.CHECK_LAST_TIMESTAMP, "%r")
_CHECKS = "".join(_template(families.CHECKS, "%d", more=f',verdict="{verdict}"') for verdict in VERDICTS)
_FAILURES = _template(families.CHECK_FAILURES, "%d")
_FACTS = tuple((fact, _template(family, "%r")) for fact, family in families.FACT_FAMILIES.items())
