"""What is sent over HTTP and what comes back, in words. Pure."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from healthmon.config.secrets import CREDENTIAL_HEADERS
from healthmon.core.document import moment
from healthmon.core.masking import MASK
from healthmon.core.model import Fact, Outcome, Service, Step
from healthmon.core.units import format_duration
from healthmon.net.trace import ProbeFailed
from healthmon.probes.http import first_request

if TYPE_CHECKING:
    from healthmon.net.http.request import Request

_TELLING = ("content-type", "server", "via", "location", "retry-after", "www-authenticate")


def request_texts(service: Service, outcome: Outcome | None = None) -> Iterator[str]:
    """The request line and the headers, credentials masked; other secrets are left to the caller.

    Args:
        service: The service.
        outcome: Of a service with steps, what was seen: the request is that of the step at which the check ended.
    """
    from healthmon.net.http.request import USER_AGENT

    try:
        request = first_request(service) if outcome is None or outcome.step is None else _of_step(service, outcome.step)
    except ProbeFailed as failure:
        yield failure.message
        return
    headers = {"Host": request.url.host_port_subcomponent or "", "User-Agent": USER_AGENT, **dict(request.headers)}
    yield f"{request.method} {request.url.raw_path_qs} HTTP/1.1"
    for name, value in headers.items():
        yield f"{name}: {_masked(value) if name.lower() in CREDENTIAL_HEADERS else value}"
    if request.body is not None:
        yield f"a body of {len(request.body)} bytes"


def _of_step(service: Service, step: Step) -> "Request":
    """The request of a step, with masks in the place of what was saved before."""
    from healthmon.net.http.building import step_request

    steps = service.options.steps
    names = [asked.name or f"step {number}" for number, asked in enumerate(steps, 1)]
    return step_request(service, steps[names.index(step.name)], {name: MASK for asked in steps for name in asked.save})


def _masked(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} ***" if space and "=" not in scheme else "***"


def answer_texts(outcome: Outcome) -> Iterator[str]:
    """The status line, the headers that tell most, and, where the answer is not complete, how far it came."""
    status, hops = outcome.fact("status"), outcome.fact("redirects")
    if hops:
        yield f"after {hops} redirect{'' if hops == 1 else 's'} to {outcome.fact('url')}"
    if isinstance(status, int):
        yield f"HTTP/{outcome.fact('http_version') or '1.1'} {status} {_phrase(status)}".rstrip()
    for name, value in outcome.headers:
        if name.lower() in _TELLING:
            yield f"{name}: {value}"
    if outcome.timings.wait is not None and outcome.timings.transfer:
        yield f"first byte after {format_duration(outcome.timings.wait)}"
    size = outcome.fact("body_bytes")
    if size is not None:
        yield f"{size} bytes of body"
    if outcome.failure:
        yield f"{outcome.failure.message} (stopped in the stage {outcome.failure.stage})"


_OF_THE_CONNECTION = frozenset({"ip", "clock", "connect_errors"})
_OF_TLS = ("tls_", "certificate_")


def seen_texts(outcome: Outcome) -> Iterator[str]:
    """What came back by another protocol than HTTP: in a word or two, then its facts, then what went wrong."""
    if outcome.seen is not None:
        yield outcome.seen
    for fact in outcome.facts:
        if fact.value is not None and fact.name not in _OF_THE_CONNECTION and not fact.name.startswith(_OF_TLS):
            yield f"{fact.name} {_shown(fact)}"
    if outcome.failure:
        yield f"{outcome.failure.message} (stopped in the stage {outcome.failure.stage})"


def _shown(fact: Fact) -> str:
    """The value as people read it: lists with commas, and moments, which are seconds since the epoch, in UTC."""
    if isinstance(fact.value, tuple):
        return ", ".join(fact.value)
    if isinstance(fact.value, int | float) and (fact.name == "started" or fact.name.endswith("_expires")):
        return moment(fact.value)
    return str(fact.value)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
