"""What an HTTP answer tells of its cause: how its symptoms are found."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from healthmon.core.model import Outcome

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
