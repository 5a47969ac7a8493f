"""What a result means, and what to do next, for this very service."""

import re
from shlex import quote

from msgspec import Struct

from healthmon.core.advice.causes import CAUSES, OF_SCHEMES, WITHOUT_PORT
from healthmon.core.advice.statuses import STATUSES
from healthmon.core.advice.symptoms import SYMPTOMS
from healthmon.core.model import Cause, FactValue, Result, Service
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration

_LONGEST = 2000  # characters


class Advice(Struct, frozen=True):
    """What a failed check means and what to do about it.

    Attributes:
        explanation: One sentence that says what the cause means.
        next_step: What to do next, with the service's own host, port and container.
    """

    explanation: str
    next_step: str


def explain(result: Result) -> Advice | None:
    """What a result's symptom or cause means and what to do next; None where there is no cause."""
    if result.cause is None:
        return None
    status = result.fact("status")
    return advise(
        result.service,
        result.cause,
        status=status if isinstance(status, int) else None,
        symptom=result.symptom,
        retry_after=result.fact("retry_after"),
        typed=result.typed,
    )


def advise(
    service: Service,
    cause: Cause,
    *,
    status: int | None = None,
    symptom: str | None = None,
    retry_after: FactValue = None,
    typed: str | None = None,
) -> Advice:
    """What a cause means for this service and what to do next; of a status or a symptom, what that means.

    Args:
        service: The service.
        cause: The cause.
        status: The status of its answer.
        symptom: What tells more.
        retry_after: When it wants to be asked again: seconds, or a date.
        typed: The expectation that is not met, as it was typed on the command line; None where it is not from there.
    """
    entry = SYMPTOMS.get(symptom or "") or (STATUSES.get(status or 0) if cause is Cause.STATUS else None)
    entry = entry or CAUSES[cause]
    if not symptom:
        entry = WITHOUT_PORT.get(cause, entry) if not service.address.port else entry
        entry = OF_SCHEMES.get(service.address.scheme, {}).get(cause, entry)
    words = {**_words(service), "later": _later(retry_after)}
    if typed is None:
        next_step = entry.next_step.format_map(words)
    else:
        next_step = f"`--expect {typed}` is not met. {(entry.typed or entry.next_step).format_map(words)}"
    if entry.hint and service.hint:
        next_step += f" Hint: {service.hint}"
    # What the owner wrote may hold a placeholder whose value is secret.
    return Advice(
        clean(entry.explanation.format_map(words), service.secrets, _LONGEST),
        clean(next_step, service.secrets, _LONGEST),
    )


def _later(retry_after: FactValue) -> str:
    if retry_after is None:
        return "later"
    return f"in {format_duration(retry_after)}" if isinstance(retry_after, int) else f"after {retry_after}"


def _words(service: Service) -> dict[str, str]:
    # A hint is the owner's own word on where to look; without one the container's log is the place.
    container, host = None if service.hint else service.labels.get("container"), service.address.host
    return {
        "id": service.id,
        "url": quote(service.shown_url),
        "scheme": service.address.scheme.upper(),
        "host": host,
        "port": str(service.address.port),
        "address": str(service.address),
        "timeout": format_duration(service.timeout),
        "by_hand": f"`{service.by_hand}`" if service.by_hand else "a client of its own",
        "curl_i": _curl(service, "-i"),
        "curl_s": _curl(service, "-s"),
        "curl_head": _curl(service, "-sD - -o /dev/null"),
        "docker": _docker(service),
        # Several containers have no one name: what was met names the one that is meant.
        "container": host if re.fullmatch(r"[\w.-]+", host) else "NAME",
        "container_ps": f" and whether `docker ps -a --filter name={container}` shows it up" if container else "",
        "container_logs": f", and read `docker logs {container} --tail 50`" if container else "",
        "container_stats": f" and `docker stats --no-stream {container}`" if container else "",
    }


def _docker(service: Service) -> str:
    """The command that speaks to the container engine of this service."""
    asked = re.match(r"docker -H \S+", service.by_hand or "") if service.address.scheme == "docker" else None
    return asked[0] if asked else "docker"


def _curl(service: Service, flags: str) -> str:
    """Curl with these flags, where the check is no more than a GET; else what asks the same."""
    url = quote(service.shown_url)
    plain = service.by_hand is None or re.fullmatch(rf"curl -v -m \S+ {re.escape(url)}", service.by_hand)
    return f"`curl {flags} {url}`" if plain else f"`{service.by_hand}`"
