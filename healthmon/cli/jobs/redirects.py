"""Redirects of a request that carries a secret in its URL."""

from http import HTTPStatus
from http.client import HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request

_PORTS = {"http": 80, "https": 443}


class SameOrigin(HTTPRedirectHandler):
    """Follows redirects only where they stay with the same server: same scheme, host and port (RFC 6454).

    What is sent stays what it is, also after 301 and 302: browsers would ask with GET, and lose the body. Where 303
    comes it has been taken, and what became of it is asked for (RFC 9110, section 15.4.4).
    """

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """The request for the new URL.

        Raises:
            HTTPError: It would go to another server.
        """
        del msg
        there = urlsplit(newurl)
        if _origin(there) != _origin(urlsplit(req.full_url)):
            where = f"{there.scheme}://{there.hostname}"
            said = f"redirects to another server, {where}, which is not followed"
            raise HTTPError(req.full_url, code, said, headers, fp)
        if code == HTTPStatus.SEE_OTHER:
            return Request(newurl)  # noqa: S310 - see above
        return Request(newurl, req.data, req.headers, method=req.get_method())  # noqa: S310 - see above


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)
