"""A check of several requests in order, of which later ones are given what earlier ones were answered."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import msgspec

from healthmon.core.answer import Answer, search
from healthmon.core.evaluate import evaluate
from healthmon.core.expectations import Expectations
from healthmon.core.masking import findable, forms
from healthmon.core.model import Cause, Level, Service, Stage
from healthmon.net.aside import aside
from healthmon.net.http.asking import Asker
from healthmon.net.http.building import base_of, step_request
from healthmon.net.http.options import HttpOptions
from healthmon.net.http.step_options import HEADER, StepOptions
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace

T = TypeVar("T")

_LARGE = 64 * 2**10
"""Bytes of a body that are evaluated in no time worth a thread, whatever they are and whatever is asked of them."""


async def ask_steps(service: Service, network: Network, trace: Trace) -> None:
    """Make the requests of a service's steps, each over a fresh connection, until one is not answered as it demands.

    The judge judges, here as ever: the outcome is the answer to the step at which this ended, and says which that is
    and what the step demands. Here the same evaluation, a function of that outcome, only tells whether to go on. A step
    that saves something demands also that it is there.

    Recorded, besides the facts of the last answer: `step`, the step at which this ended, and `steps`, how many were
    answered as they demand. What an answer gives to be saved is among the trace's secrets before anything is judged.

    Raises:
        ProbeFailed: A step had no complete answer, or gave something to be saved that is no text, number or boolean.
    """
    options: HttpOptions = service.options
    asker = Asker(options, base_of(service), network, trace)
    values: dict[str, str] = {}
    for number, step in enumerate(options.steps):
        last = number == len(options.steps) - 1
        expect = step.demands()
        expect = msgspec.structs.replace(expect, status=expect.status or service.expect.status)
        name = step.name or f"step {number + 1}"
        trace.begin_step(name, expect, began=time.time(), last=last)
        trace.fact("step", name)
        trace.fact("steps", number)
        need_body = expect.need_body or (last and service.need_body)
        await asker.ask(step_request(service, step, values), need_body=need_body, expected=expect.status)
        found = await _beside(trace, partial(_found, step, trace))
        unfit = _unfit(step, found)
        if unfit is not None:
            # Secret too, and not to be found wherever it is shown: so it is left nowhere.
            trace.headers, trace.body = (), None
            if _has_status(expect, trace):
                trace.enter(Stage.WAIT)
                raise unfit
            return
        trace.secrets |= {form for value in found.values() if _telling(value) for form in forms(_text(value))}
        if not await _beside(trace, partial(_met, service, trace)):
            return
        values |= {name: _text(value) for name, value in found.items()}
        trace.fact("steps", number + 1)


async def _beside(trace: Trace, function: Callable[[], T]) -> T:
    """What a function of the answer returns; a large one holds up no other check."""
    if trace.body is not None and len(trace.body.content) > _LARGE:
        return await aside(function)
    return function()


def _has_status(expect: Expectations, trace: Trace) -> bool:
    """Whether the answer's status is expected; where it is not, that is what is wrong first."""
    status = trace.outcome().fact("status")
    return isinstance(status, int) and any(one.low <= status <= one.high for one in expect.status)


def _met(service: Service, trace: Trace) -> bool:
    """Whether the answer is what its step demands."""
    evaluations = evaluate(service, trace.outcome(), time.time())
    return all(one.passed for one in evaluations if one.of_step and one.level is Level.EXPECT)


def _found(step: StepOptions, trace: Trace) -> Mapping[str, Any]:
    """What the answer has of what is to be saved, by name; None where it has nothing."""
    answer = Answer(trace.outcome(), ())
    return {
        name: answer.header(what.removeprefix(HEADER)) if what.startswith(HEADER) else search(what, answer.json[1])
        for name, what in step.save.items()
    }


def _unfit(step: StepOptions, found: Mapping[str, Any]) -> ProbeFailed | None:
    """What is wrong with values that cannot be saved."""
    for name, value in found.items():
        cause = Cause.HEADER if step.save[name].startswith(HEADER) else Cause.JSON
        if isinstance(value, list | dict):
            kind = "a list" if isinstance(value, list) else "a table"
            return ProbeFailed(cause, f"{name} is {kind}, and only a text, a number, true or false can be saved")
        if not findable(_text(value)):
            return ProbeFailed(cause, f"{name} is too long to be saved, or has too many special characters")
    return None


def _telling(value: Any) -> bool:
    """Whether a value says more than yes, no or nothing."""
    return not isinstance(value, bool | None)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
