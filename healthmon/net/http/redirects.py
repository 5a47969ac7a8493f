"""Where a redirect leads, and what may go there. Functions of their arguments."""

from yarl import URL

from healthmon.core.model import Cause
from healthmon.net.http.request import Request
from healthmon.net.trace import ProbeFailed

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ABOUT_THE_BODY = ("content-", "expect", "trailer")


def is_redirect(status: int) -> bool:
    """Whether a status sends the client to the `Location` of the answer (RFC 9110, 15.4)."""
    return status in _REDIRECTS


def same_origin(one: URL, other: URL) -> bool:
    """Whether two URLs have scheme, host and port in common (RFC 6454)."""
    return (one.scheme, one.raw_host, one.port) == (other.scheme, other.raw_host, other.port)


def shown(url: URL) -> str:
    """A URL as text, without its query, in which secrets may stand."""
    return str(url.with_query(None).with_fragment(None))


def redirected(request: Request, status: int, location: str | None) -> Request:
    """The request that follows a redirect.

    To another origin goes nothing that was meant for the service: no header, no cookie, no credentials, no body.
    Having left the service's origin once, later requests bring nothing there either: where they lead is not the
    service's choice any more.

    Raises:
        ProbeFailed: There is no place to go to, or the redirect would give the body to another origin.
    """
    url = _target(request.url, status, location)
    method, headers, body = request.method, request.headers, request.body
    if _becomes_get(method, status):
        method, body = "GET", None
        headers = tuple(header for header in headers if not header[0].lower().startswith(_ABOUT_THE_BODY))
    if request.at_home and same_origin(request.url, url):
        return Request(method, url, headers, body)
    if body is not None and not same_origin(request.url, url):
        raise ProbeFailed(Cause.REDIRECT, f"HTTP {status} would give the body to another origin: {shown(url)}")
    return Request(method, url, () if request.at_home else headers, body, at_home=False)


def _becomes_get(method: str, status: int) -> bool:
    # RFC 9110, 15.4.2 to 15.4.4, as the Fetch standard settles what clients do.
    return (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD"))


def _target(url: URL, status: int, location: str | None) -> URL:
    if not location:
        raise ProbeFailed(Cause.REDIRECT, f"HTTP {status} without a Location")
    try:
        place = URL(location)
        target = url.join(place)
        if target.scheme in ("http", "https") and bool(place.scheme) <= bool(place.raw_host):
            # Credentials that a server puts into a URL are not the user's.
            return target.with_user(None).with_fragment(None)
    except ValueError:
        pass
    raise ProbeFailed(Cause.REDIRECT, f"HTTP {status} leads to what is not an HTTP URL: {location}")
