"""What a report tells of one service beneath its line: the same words in every format that is read by people."""

from collections.abc import Iterator
from datetime import UTC, datetime

from healthmon.core.advice.advise import explain
from healthmon.core.model import Fact, Level, Reason, Result
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration

_LONGEST = 1000  # characters: an expectation, what was demanded, and a mark, each of which is cut already


def account(result: Result) -> Iterator[tuple[str, str]]:
    """What was expected and met, why, and what to do next, each with its label: `step`, `expected`, `met`, ...

    Of a service that a root explains, the next step is to look at the root. All text is safe to show, a line each.
    """
    service, advice = result.service, explain(result)
    step = result.fact("step")
    lines = [] if step is None else [("step", str(step))]
    for reason in _telling(result.reasons):
        warning = " (warning)" if reason.level is Level.WARN else ""
        lines += [("expected", f"{reason.expectation}: {reason.expected}{warning}"), ("met", reason.actual)]
    if not result.reasons:
        lines.append(("met", result.message))
    for label, text in lines:
        yield label, clean(text, service.secrets, _LONGEST)
    if result.blocked_by is not None:
        yield "next", clean(f"Look at {result.blocked_by} first: {service.id} depends on it.", limit=_LONGEST)
    elif advice:
        yield "why", advice.explanation
        yield "next", advice.next_step
    if service.runbook:
        yield "runbook", clean(service.runbook, service.secrets)


def measured(result: Result) -> Iterator[str]:
    """The times of the stages, and the facts, a line each, where there are any."""
    timings = result.timings
    stages = [(name, getattr(timings, name)) for name in timings.__struct_fields__]
    known = [f"{name} {format_duration(seconds)}" for name, seconds in stages if seconds is not None]
    if known:
        yield " · ".join(known)
    if result.facts:
        yield " ".join(f"{fact.name}={_fact_text(fact)}" for fact in result.facts)


def latency(result: Result) -> float:
    """The stages' sum where there was an answer to judge; otherwise how long the check took."""
    return result.timings.total if answered(result) else result.duration


def answered(result: Result) -> bool:
    """Whether there was an answer to judge."""
    return result.verdict.healthy or bool(result.reasons)


def _fact_text(fact: Fact) -> str:
    if fact.name.endswith("_expires") and isinstance(fact.value, float):
        return datetime.fromtimestamp(fact.value, UTC).strftime("%Y-%m-%d")
    text = ",".join(fact.value) if isinstance(fact.value, tuple) else str(fact.value)
    return f'"{text}"' if " " in text else text


def _telling(reasons: tuple[Reason, ...]) -> Iterator[Reason]:
    """The reasons without those that only say once more that an error page is not the answer that was expected."""
    wrong_status = bool(reasons) and reasons[0].expectation == "status"
    met = {"nothing"} if wrong_status else set()
    for reason in reasons:
        if reason.actual not in met:
            yield reason
        if wrong_status:
            met.add(reason.actual)
