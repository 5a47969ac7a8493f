"""The command line with which a person makes the request of a check."""

from collections.abc import Collection, Iterator
from shlex import join, quote

from healthmon.core.masking import MASK, mask
from healthmon.core.model import Service
from healthmon.net.http.options import HttpOptions

_LONGEST = 400  # characters of a body


def by_hand(service: Service) -> str:
    """Curl with the method, headers and body of the check, without its secrets.

    Several steps hand values to each other, which one command cannot: of these healthmon itself shows most.
    """
    options: HttpOptions = service.options
    if options.steps:
        return f"healthmon diagnose {quote(service.id)}"
    words = ["curl", "-v", "-m", f"{service.timeout:g}", *_extra(options, service.secrets)]
    return f"{mask(join(words), service.secrets)} {quote(service.shown_url)}"


def _extra(options: HttpOptions, secrets: Collection[str]) -> Iterator[str]:
    body, content_type = _body(options)
    if options.proxy is not None:
        yield from ("-x", _proxy(options.proxy))
    method = options.method.upper()
    if method == "HEAD":
        yield "-I"
    elif method != ("GET" if body is None else "POST"):
        yield from ("-X", method)
    for name, value in options.headers.items():
        yield from ("-H", f"{name}: {value}")
    auth = options.auth
    if auth is not None and auth.basic is not None:
        yield from ("-u", f"{auth.basic.username}:{MASK}")
    elif auth is not None and auth.digest is not None:
        yield from ("--digest", "-u", f"{auth.digest.username}:{MASK}")
    elif auth is not None:
        yield from ("-H", f"Authorization: Bearer {MASK}")
    if body is not None:
        if content_type is not None and "content-type" not in {name.lower() for name in options.headers}:
            yield from ("-H", f"Content-Type: {content_type}")
        shown = mask(body, secrets)  # before it is cut: half a secret would not be found
        yield from ("--data-raw", shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")


def _proxy(url: str) -> str:
    """The proxy's URL, without a password."""
    scheme, _, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:{MASK}@{place}" if at else url


def _body(options: HttpOptions) -> tuple[str | None, str | None]:
    """The body, and its media type where curl would name another."""
    if options.json is not None:
        import json

        return json.dumps(options.json, ensure_ascii=False), "application/json"
    if options.form is not None:
        from urllib.parse import urlencode

        return urlencode(options.form), None
    return options.body, "text/plain; charset=utf-8"
