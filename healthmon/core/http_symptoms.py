"""What an HTTP answer tells of its cause: the symptoms in words, and how they are found."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from healthmon.core.entry import Entry
from healthmon.core.model import Outcome

HTTP_SYMPTOMS: Mapping[str, Entry] = {
    "http.plain_on_tls": Entry(
        "Port {port} wants TLS, and was asked without.",
        "Write `https://` in the URL of {id}, or the port that {host} has for plain HTTP.",
        hint=False,
    ),
    "http.speaks_tls": Entry(
        "Port {port} speaks TLS, and was asked without.",
        "Write `https://` in the URL of {id}, or the port that {host} has for plain HTTP.",
        hint=False,
    ),
    "tls.plain": Entry(
        "There is no TLS on port {port}: what listens there speaks something else, such as plain HTTP.",
        "Write the URL of {id} without TLS, or with the port that {host} has for TLS; on {host}, see which program has "
        "the port with `ss -ltnp 'sport = :{port}'`.",
        hint=False,
    ),
    "http.disallowed_host": Entry(
        "Django does not know the host name under which it is asked, and refuses all requests to it.",
        'Add {host} to `ALLOWED_HOSTS` of the service on port {port}, or give {id} a `headers = {{ Host = "..." }}` '
        "that it allows{container_logs}.",
    ),
    "http.database_locked": Entry(
        "The service cannot write to its SQLite database, because another process or request holds the lock.",
        "On {host}, see which processes have the file open with `fuser -v`; let only one write, raise the time it "
        "waits (`busy_timeout`), or turn on write-ahead logging{container_logs}.",
    ),
    "http.qdrant_lock": Entry(
        "The service cannot open its Qdrant storage, because another process holds its lock.",
        "On {host}, see whether an old task or a second worker of the service on port {port} still runs: a local "
        "Qdrant folder takes one process; stop the old one first, or use a Qdrant server{container_logs}.",
    ),
    "http.too_many_connections": Entry(
        "The service gets no connection to its database, because all that the database allows are taken.",
        "Count them by program (PostgreSQL: `SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1`); "
        "make the pools of the service on port {port} smaller, or raise `max_connections`{container_logs}.",
    ),
    "http.migration_missing": Entry(
        "The service asks its database for a table or a column that is not there: migrations have not run, or it uses "
        "another database than is meant.",
        "Run the migrations of the service on port {port} of {host} (such as `manage.py migrate` or `alembic upgrade "
        "head`), and check which database it is given{container_logs}.",
    ),
    "http.disk_full": Entry(
        "The service, or its database, cannot write because a disk is full.",
        "On {host} and on the database's host, see which with `df -h` and `df -i`, then make room (`docker system df` "
        "shows what images and logs take){container_logs}.",
    ),
    "http.worker_timeout": Entry(
        "Gunicorn ended a worker because a request took longer than its `--timeout`.",
        "Find what the request waits for in the log of the service on port {port} of {host}, or raise `--timeout`"
        "{container_logs}.",
    ),
    "http.choreo_timeout": Entry(
        "Choreo's gateway got no answer from the service (102504): it does not listen on 0.0.0.0 and the port that "
        "$PORT names, or has not started yet.",
        "Let the process listen on `0.0.0.0:$PORT`, compare with the port of the endpoint in component.yaml, and read "
        "the log of the component behind {host}.",
    ),
    "http.bad_gateway_refused": Entry(
        "A proxy answers on port {port}, but nothing behind it takes its connection: the service is not running, or "
        "listens on another port, or only on 127.0.0.1 inside its container.",
        "On {host}, see whether the service behind the proxy runs and listens on 0.0.0.0 and the port that the proxy "
        "asks: `ss -ltnp` beside the proxy's log{container_logs}.",
    ),
    "http.cloudflare_5xx": Entry(
        "Cloudflare answers for {host}, but could not get an answer from the server behind it.",
        "Ask the server itself with {by_hand} and `--resolve {host}:{port}:ADDRESS`; see that it runs, that its "
        "firewall lets Cloudflare in, and that its certificate is good{container_logs}.",
    ),
    "http.captive_portal": Entry(
        "Not the service answered but a login page of a network, a proxy or a single sign-on in front of it.",
        "See who answers with {by_hand}; log this machine in to its network, or exempt the path of {id} from the "
        "login.",
        hint=False,
    ),
    "http.retry_after": Entry(
        "The service on port {port} says itself that it cannot serve now, and when it will.",
        "Ask again {later}, as it says; if it goes on, see what it says with {curl_i}{container_logs}.",
    ),
}
"""The symptoms of HTTP by name."""

_LOOKED_AT = 16 * 2**10
"""Bytes of a body in which symptoms are looked for."""


class _Answer(NamedTuple):
    """What symptoms are looked for in. Texts are in lower case."""

    status: int
    text: str
    headers: Mapping[str, str]
    host: str
    later: object

    def says(self, *texts: str) -> bool:
        return any(text in self.text for text in texts)

    def by(self, *products: str) -> bool:
        return any(product in self.headers.get("server", "") for product in products)


def http_symptom(outcome: Outcome, host: str) -> str | None:
    """The symptom that an HTTP answer shows, or None. Takes time in proportion to what is looked at, at most 16 KiB.

    Args:
        outcome: What was seen of the service. A fault was found in it.
        host: The service's host.
    """
    status = outcome.fact("status")
    if not isinstance(status, int):
        return None
    content = b"" if outcome.body is None else outcome.body.content[:_LOOKED_AT]
    answer = _Answer(
        status=status,
        text=content.decode("latin-1").lower(),
        headers={name.lower(): value.lower() for name, value in outcome.headers},
        host=host.lower(),
        later=outcome.fact("retry_after"),
    )
    return next((name for name, shows in _SIGNS.items() if shows(answer)), None)


def _plain_on_tls(answer: _Answer) -> bool:
    return answer.status == 400 and answer.says(
        "plain http request was sent to https port",  # nginx
        "client sent an http request to an https server",  # Go
        "speaking plain http to an ssl-enabled server port",  # Apache
    )


def _disallowed_host(answer: _Answer) -> bool:
    # Without DEBUG, Django says no more than this heading.
    return answer.status == 400 and answer.says(
        "disallowedhost", "invalid http_host header", "<h1>bad request (400)</h1>"
    )


def _database_locked(answer: _Answer) -> bool:
    return answer.status >= 500 and answer.says("database is locked", "database table is locked")


def _qdrant_lock(answer: _Answer) -> bool:
    named = answer.says("qdrant") and re.search(r"\block(?:ed|s)?\b", answer.text) is not None
    return answer.status >= 500 and (named or answer.says("already accessed by another instance of qdrant"))


def _too_many_connections(answer: _Answer) -> bool:
    return answer.status >= 500 and answer.says(
        "too many clients already",
        "remaining connection slots are reserved",
        "too many connections",
        "max_user_connections",
        "queuepool limit of size",
    )


def _migration_missing(answer: _Answer) -> bool:
    missing = re.search(r"\b(?:relation|column|table) [^<>\r\n]{1,200}? (?:does not|doesn.{1,6}t) exist\b", answer.text)
    return answer.status >= 500 and (missing is not None or answer.says("no such table", "no such column"))


def _disk_full(answer: _Answer) -> bool:
    return answer.status >= 500 and answer.says(
        "no space left on device", "database or disk is full", "disk quota exceeded"
    )


def _worker_timeout(answer: _Answer) -> bool:
    aborted = answer.says("handle_abort") and answer.says("gunicorn")
    return answer.status >= 500 and (aborted or answer.says("worker timeout"))


def _choreo_timeout(answer: _Answer) -> bool:
    return answer.status >= 500 and answer.says("102504")


def _bad_gateway_refused(answer: _Answer) -> bool:
    if answer.status == 503:
        # What Envoy and HAProxy say where others say 502.
        return answer.says("upstream connect error", "no server is available to handle this request")
    proxy = answer.by("nginx", "openresty", "envoy", "traefik", "haproxy", "awselb", "caddy", "istio")
    # Traefik's whole body, and the pages of nginx, HAProxy and the load balancer of AWS.
    page = answer.text.strip() == "bad gateway" or answer.says("<h1>502 bad gateway</h1>", "upstream connect error")
    return answer.status == 502 and (proxy or page)


def _cloudflare(answer: _Answer) -> bool:
    return (520 <= answer.status <= 527 or answer.status == 530) and (
        answer.by("cloudflare") or "cf-ray" in answer.headers
    )


def _captive_portal(answer: _Answer) -> bool:
    if answer.status == 511:  # RFC 6585, 6
        return True
    if 300 <= answer.status < 400:
        return _leads_to_login(answer)
    html = "html" in answer.headers.get("content-type", "")
    return answer.status < 300 and html and answer.says("<form") and answer.says(*_PORTALS)


_PORTALS = (
    "captive portal",
    "captiveportal",
    "wispaccessgatewayparam",
    "fgtauth",
    "hotspot",
    "nodogsplash",
    "opennds",
    "chillispot",
    "web authentication redirect",
    "guest wi-fi",
    "guest wifi",
)
"""What the login pages of networks hold."""

_LOGIN = re.compile(r"\b(?:log-?in|sign-?in|captive|portal|hotspot|sso|auth|oauth2|authorize|saml2?|accounts?)\b")


def _leads_to_login(answer: _Answer) -> bool:
    """Whether a redirect leads to a login on another host."""
    location = answer.headers.get("location", "")[:2000]
    try:
        place = urlsplit(location)
        host = place.hostname or ""
    except ValueError:
        return False
    return host not in ("", answer.host) and _LOGIN.search(f"{host}{place.path}") is not None


def _retry_after(answer: _Answer) -> bool:
    return answer.status == 503 and answer.later is not None


_SIGNS: Mapping[str, Callable[[_Answer], bool]] = {
    "http.plain_on_tls": _plain_on_tls,
    "http.disallowed_host": _disallowed_host,
    "http.qdrant_lock": _qdrant_lock,
    "http.database_locked": _database_locked,
    "http.too_many_connections": _too_many_connections,
    "http.migration_missing": _migration_missing,
    "http.disk_full": _disk_full,
    "http.worker_timeout": _worker_timeout,
    "http.choreo_timeout": _choreo_timeout,
    "http.cloudflare_5xx": _cloudflare,
    "http.bad_gateway_refused": _bad_gateway_refused,
    "http.captive_portal": _captive_portal,
    "http.retry_after": _retry_after,
}
"""Which answers show a symptom, the most telling first."""

PROXY_SYMPTOMS: Mapping[str, Entry] = {
    "proxy.no_connection": Entry(
        "There is no connection to the proxy through which {id} is asked; the service itself was not reached.",
        "See whether the proxy that was met runs, and lets this machine in; `proxy` of {id} says which one it is.",
        hint=False,
    ),
    "proxy.credentials": Entry(
        "The proxy through which {id} is asked wants credentials, or others; the service itself was not reached.",
        "Write them in `proxy` of {id}, as in `http://USER:PASSWORD@PROXY:3128`, its password from the environment "
        "or a file; whoever runs the proxy has them.",
        hint=False,
    ),
    "proxy.no_way": Entry(
        "The proxy through which {id} is asked cannot reach {address}: the service is down, or the proxy cannot look "
        "up its name or has no way to it.",
        "Ask {address} from the proxy's own machine, and read the proxy's log; if that works, ask it without the "
        "proxy from here.",
    ),
    "proxy.no_tunnel": Entry(
        "The proxy through which {id} is asked opens no way to {address}: it does not allow this host or port, or is "
        "no HTTP proxy.",
        "Read the proxy's log and rules (Squid: `SSL_ports`), and check the port in `proxy` of {id}.",
        hint=False,
    ),
    "proxy.tls": Entry(
        "There is no good TLS to the proxy through which {id} is asked; the service itself was not reached.",
        "See which certificate the proxy shows and whether its port speaks TLS at all, with `openssl s_client "
        "-connect PROXY`; `tls.ca` of {id} holds for it too.",
        hint=False,
    ),
}
"""The way through a proxy."""

OAUTH2_SYMPTOMS: Mapping[str, Entry] = {
    "oauth2.rejected": Entry(
        "The token endpoint does not give this client an access token: its name, its secret, the scope or the "
        "audience is wrong, or the secret has expired.",
        "Check `auth.oauth2` of {id} in the config, and that the variable or file it names holds the client's secret; "
        "the service on {address} itself was not asked.",
        hint=False,
    ),
    "oauth2.unreachable": Entry(
        "The token endpoint gives no access token: it cannot be reached, or does not answer as one does.",
        "Check `auth.oauth2.token_url` of {id}, and ask it with `curl -v`; the service on {address} itself was not "
        "asked.",
        hint=False,
    ),
}
"""The symptoms of token endpoints by name."""
