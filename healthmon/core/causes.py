"""Every cause in words: what it means, and what to do next for this very service."""

import re
from collections.abc import Mapping
from shlex import quote

from msgspec import Struct

from healthmon.core.entry import Entry
from healthmon.core.model import Cause, FactValue, Result, Service
from healthmon.core.safe_text import clean
from healthmon.core.symptoms import SYMPTOMS
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


CAUSES: Mapping[Cause, Entry] = {
    Cause.DNS: Entry(
        "The name {host} could not be turned into an address.",
        "Look the name up with `getent ahosts {host}`; check its spelling in the config, and this machine's "
        "/etc/resolv.conf.",
        hint=False,
    ),
    Cause.UNREACHABLE: Entry(
        "There is no way through the network to {host}: no route, or the host is down.",
        "See where the way ends with `ip route get {host}` and `ping {host}`; check that the host runs.",
        hint=False,
    ),
    Cause.REFUSED: Entry(
        "The host answers, but nothing listens on {address}: the process has not started, has exited, or listens on "
        "another port or address.",
        "On {host}, see what listens with `ss -ltnp 'sport = :{port}'`{container_ps}.",
    ),
    Cause.CONNECT_TIMEOUT: Entry(
        "Packets to {address} are lost on the way: a firewall drops them, or the host is down or overloaded.",
        "Check the firewall of {host} and of its provider for TCP port {port}; from {host} itself try {by_hand}.",
    ),
    Cause.TLS: Entry(
        "The connection to {address} opened, but there was no TLS on it that both sides accept.",
        "See whether port {port} speaks TLS, which versions, and whether it wants a client certificate (`tls.cert`, "
        "`tls.key`), with `openssl s_client -connect {address} -servername {host}`.",
    ),
    Cause.CERTIFICATE: Entry(
        "The certificate of {address} is not good for as long as it should be: it was not renewed in time, or the "
        "server still shows the old one.",
        "Read its dates with `openssl s_client -connect {address} -servername {host} </dev/null | openssl x509 -noout "
        "-dates -subject -issuer`; see why it was not renewed by itself, renew it, and reload the server.",
    ),
    Cause.NO_RESPONSE: Entry(
        "Port {port} accepts connections, but no answer came: the process hangs, is overloaded or still starting, or a "
        "proxy in front of it has lost it.",
        "On {host}, ask the service directly with {by_hand}{container_logs}.",
    ),
    Cause.TIMEOUT: Entry(
        "An answer began but was not finished within {timeout}: the service is too slow, or stopped in the middle.",
        "See how far it comes with {by_hand}{container_logs}.",
    ),
    Cause.RESET: Entry(
        "The connection was closed before the answer was complete: a worker crashed or was killed, a proxy gave up, or "
        "the port speaks another protocol (https instead of http).",
        "On {host}, look for crashes and for kills by lack of memory with `dmesg | grep -i oom`, and see what the port "
        "says with {by_hand}{container_logs}.",
    ),
    Cause.PROTOCOL: Entry(
        "What came back is not valid {scheme}: another program may be listening on port {port}.",
        "On {host}, see which program has the port with `ss -ltnp 'sport = :{port}'`, and what it says with {by_hand}.",
    ),
    Cause.TOO_LARGE: Entry(
        "The body of the answer is larger than the limit up to which it is read.",
        "Check that {url} is the health path; if such a body is right, raise `body_limit`.",
    ),
    Cause.REDIRECT: Entry(
        "The redirects from {url} lead nowhere: they go in a circle, are too many, or have no usable target.",
        "Follow them with `curl -sIL {url} | grep -i -E '^(HTTP|location)'`; often the proxy and the service "
        "disagree on http or https.",
    ),
    Cause.STATUS: Entry(
        "The service answers, but with a status that says it is not well.",
        "See what it says with {curl_i}{container_logs}.",
    ),
    Cause.HEADER: Entry(
        "The service answers, but a header is not what is expected.",
        "Compare the headers that {curl_head} shows with `expect.header`.",
    ),
    Cause.BODY: Entry(
        "The service answers, but its body does not say what is expected.",
        "Compare the body that {curl_s} shows with `expect.body`.",
    ),
    Cause.JSON: Entry(
        "The service answers, but its JSON does not say what is expected, or is none.",
        "Compare the body that {curl_s} shows with `expect.json`.",
    ),
    Cause.VALUE: Entry(
        "The service answers, but with a value that is not expected.",
        "Compare the facts that `healthmon check --only {id} --verbose` shows with the service's `expect`.",
    ),
    Cause.LATENCY: Entry(
        "The service answers rightly, but too slowly.",
        "See which stage takes the time with `healthmon check --only {id} --verbose`; on {host} look at the load with "
        "`uptime`{container_stats}.",
    ),
    Cause.AUTH: Entry(
        "The credentials that were sent were rejected: they are wrong, expired or revoked.",
        "Check what {id} sends (`auth`, `headers`, or what a step has saved), and that the variable or file from which "
        "it comes holds the credentials of {address}.",
    ),
    Cause.UNHEALTHY: Entry(
        "The service itself says that it is not healthy.",
        "Ask it for the reason: look at the log of the process behind port {port} on {host}{container_logs}.",
    ),
    Cause.PROCESS: Entry(
        "The command that checks the service failed.",
        "Run the command of {id} by hand, as the same user, and read what it prints: {by_hand}.",
    ),
    Cause.DEADLINE: Entry(
        "The deadline of the whole run came before this check had ended, so nothing is known.",
        "Give the run more time with `--deadline`, or the check less with `--timeout`.",
        hint=False,
    ),
    Cause.INTERRUPTED: Entry(
        "The run was interrupted, or gave up, before this check had ended, so nothing is known.",
        "Run the check again; `healthmon check --only {id}` checks this service alone.",
        hint=False,
    ),
    Cause.OFFLINE: Entry(
        "This machine's own network is down, so nothing is known of the service.",
        "Check this machine's network with `ip address` and `ip route`.",
        hint=False,
    ),
    Cause.LOCAL: Entry(
        "This machine lacks what the check of {address} needs: open files, ports, memory, a library, a file or a "
        "permission.",
        "Mend what was met: a file that {id} names in the config, a library, a limit of this machine (`ulimit -n`, "
        "memory, ports), or a rule of its firewall.",
        hint=False,
    ),
    Cause.INTERNAL: Entry(
        "A fault in healthmon itself ended the check, so nothing is known of the service.",
        "Please report it with what was met, the output of `healthmon check --only {id} --verbose`, and that of "
        "`healthmon --version`.",
        hint=False,
    ),
}
"""What each cause means."""


_REDIRECT = Entry(
    "The service answers by leading elsewhere, which is not followed: to https, to a login, or to the same path with a "
    "slash at its end.",
    "See where it leads with {curl_i}; then correct the URL of {id}, or let it follow: `follow_redirects = true`.",
)

STATUSES: Mapping[int, Entry] = {
    200: Entry(
        "The service answers that all is well where {id} expects something else: what should be refused, or should "
        "lead elsewhere, is served.",
        "See what everybody gets with {curl_i}, and compare with `expect.status` of {id}.",
    ),
    301: _REDIRECT,
    302: _REDIRECT,
    307: _REDIRECT,
    308: _REDIRECT,
    400: Entry(
        "The service, or a proxy in front of it, finds fault with the request: a host name or an origin that it does "
        "not allow, a parameter or a body that it does not understand, or plain HTTP on a port that wants HTTPS.",
        "Read why with {curl_i}{container_logs}.",
    ),
    401: Entry(
        "The service wants credentials, and was sent none that it knows.",
        "Compare the user, password, key or token that {id} sends (`auth`, `headers`, `form`, `json`) with those of "
        "the service on {address}; where it sends none, give it an `auth`, or a health path that needs none.",
    ),
    403: Entry(
        "The service understood the request and refuses it.",
        "See whether {url} is open to this machine, and whether `auth` of {id} has the right.",
    ),
    404: Entry(
        "Something answers on port {port}, but not on this path: the health path is wrong, or another program has the "
        "port.",
        "Compare the path with the service's routes, a slash at its end included: {curl_i}{container_logs}.",
    ),
    405: Entry(
        "The service knows this path, but not with this method.",
        "Compare `method` of {id} with the service's routes: {curl_i}.",
    ),
    429: Entry(
        "The service turns requests away because there are too many.",
        "Check {id} less often (`interval`), or exempt its health path from the limit.",
    ),
    500: Entry(
        "An error inside of the service: its code failed at this request.",
        "Read the error in the service's log, at the time of the check, and see what it says with {curl_i}"
        "{container_logs}.",
    ),
    502: Entry(
        "A proxy answers on port {port}, but the service behind it refuses the connection or breaks it off.",
        "On {host}, see whether the service behind the proxy runs and on which address it listens; 127.0.0.1 inside a "
        "container cannot be reached from outside{container_logs}.",
    ),
    503: Entry(
        "The service, or a proxy in front of it, says that it cannot serve now: it is starting, overloaded, or lacks "
        "something that it needs.",
        "See what it says with {curl_i}{container_logs}.",
    ),
    504: Entry(
        "A proxy answers on port {port}, but the service behind it did not answer in the proxy's time.",
        "On {host}, ask the service behind the proxy directly; it hangs, or is slower than the proxy's time-out"
        "{container_logs}.",
    ),
}
"""What a status that was not expected means, where more can be said than of statuses in general."""


WITHOUT_PORT: Mapping[Cause, Entry] = {
    Cause.REFUSED: Entry(
        "Nothing listens on {address}: its process has not started, or has exited.",
        "Ask it directly with {by_hand}{container_logs}.",
    ),
    Cause.CONNECT_TIMEOUT: Entry(
        "There was no connection to {address} in time: it is overloaded, and as many wait already as may.",
        "Look at the load with `uptime`, and ask it directly with {by_hand}{container_logs}.",
    ),
    Cause.NO_RESPONSE: Entry(
        "No answer came from {address}: it hangs, is overloaded or still starting.",
        "Ask it directly with {by_hand}{container_logs}.",
    ),
    Cause.RESET: Entry(
        "The connection was closed before the answer was complete: a worker crashed or was killed, or {address} speaks "
        "another protocol.",
        "Look for crashes and for kills by lack of memory with `dmesg | grep -i oom`, and see what it says with "
        "{by_hand}{container_logs}.",
    ),
    Cause.PROTOCOL: Entry(
        "What came back from {address} is not valid: another program may have taken its place.",
        "See what it says with {by_hand}.",
    ),
    Cause.STATUS: Entry(
        "What listens on {address} answers, but with a status that says it is not well.",
        "See what it says with {by_hand}{container_logs}.",
    ),
    Cause.HEADER: Entry(
        "What listens on {address} answers, but a header is not what is expected.",
        "Compare the headers that {by_hand} shows with `expect.header`.",
    ),
    Cause.BODY: Entry(
        "What listens on {address} answers, but what it says is not what is expected.",
        "Compare what {by_hand} shows with `expect.body`.",
    ),
    Cause.JSON: Entry(
        "What listens on {address} answers, but its JSON does not say what is expected, or is none.",
        "Compare what {by_hand} shows with `expect.json`.",
    ),
    Cause.LATENCY: Entry(
        "What listens on {address} answers rightly, but too slowly.",
        "See which stage takes the time with `healthmon check --only {id} --verbose`; look at the load with "
        "`uptime`{container_stats}.",
    ),
    Cause.UNHEALTHY: Entry(
        "The service itself says that it is not healthy.",
        "Ask it for the reason: look at the log of {address}{container_logs}.",
    ),
}
"""What a cause means for what has no port: a file, a container, a host that is pinged."""


_FIXED_LIMIT = Entry(
    "{address} sent more than healthmon reads of such an answer: another program may be listening on port {port}.",
    "Look at what it answers with {by_hand}; the limit is fixed.",
)
_LONG_QUERY = Entry(
    "{address} sent more than healthmon reads of such an answer: what the query of {id} selects is too much, or "
    "another program is listening on port {port}.",
    "Let `query` of {id} select less, such as `SELECT 1`, or one row (`LIMIT 1`); see what comes with {by_hand}. The "
    "limit is fixed.",
)

OF_SCHEMES: Mapping[str, Mapping[Cause, Entry]] = {
    "grpc": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "grpcs": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "postgres": {Cause.TOO_LARGE: _LONG_QUERY},
    "postgresql": {Cause.TOO_LARGE: _LONG_QUERY},
    "redis": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "rediss": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "exec": {
        Cause.BODY: Entry(
            "The command ran, but its output does not say what is expected.",
            "Compare what {by_hand} prints with `expect.body` of {id}.",
        ),
        Cause.JSON: Entry(
            "The command ran, but the JSON that it prints does not say what is expected, or is none.",
            "Compare what {by_hand} prints with `expect.json` of {id}.",
        ),
        Cause.LATENCY: Entry(
            "The command does what it should, but takes too long.",
            "See where it waits: {by_hand}. If it needs so long, raise `latency` in `expect` or `warn` of {id}.",
        ),
    },
    "udp": {
        Cause.REFUSED: Entry(
            "The host answers that nothing listens on UDP port {port}: the process has not started, has exited, or "
            "listens on another port or address.",
            "On {host}, see what listens with `ss -lunp 'sport = :{port}'`{container_ps}.",
        ),
    },
    "docker": {
        Cause.VALUE: Entry(
            "The engine tells of {address} what should not be so: a line of a log, or a number.",
            "Read the log with `{docker} logs {container} --since 1h`, and what the engine tells with {by_hand}; "
            "`expect` of {id} says what is demanded.",
        ),
    },
}
"""What a cause means for some schemes: where it is not a server that answers, or no key sets a limit."""


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
    )


def advise(
    service: Service,
    cause: Cause,
    *,
    status: int | None = None,
    symptom: str | None = None,
    retry_after: FactValue = None,
) -> Advice:
    """What a cause means for this service and what to do next; of a status or a symptom, what that means.

    Args:
        service: The service.
        cause: The cause.
        status: The status of its answer.
        symptom: What tells more.
        retry_after: When it wants to be asked again: seconds, or a date.
    """
    entry = SYMPTOMS.get(symptom or "") or (STATUSES.get(status or 0) if cause is Cause.STATUS else None)
    entry = entry or CAUSES[cause]
    if not symptom:
        entry = WITHOUT_PORT.get(cause, entry) if not service.address.port else entry
        entry = OF_SCHEMES.get(service.address.scheme, {}).get(cause, entry)
    words = {**_words(service), "later": _later(retry_after)}
    next_step = entry.next_step.format_map(words)
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
