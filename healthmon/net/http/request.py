"""What an HTTP exchange sends: plain data."""

from base64 import b64encode

from msgspec import Struct
from yarl import URL

from healthmon import __version__

USER_AGENT = f"healthmon/{__version__}"


class Request(Struct, frozen=True):
    """A request, without the headers that every request of healthmon bears.

    Attributes:
        method: The method.
        url: Where it goes: absolute, without user part and fragment.
        headers: The headers that the service's owner wants, and those of the body.
        body: The body, encoded; None without one.
        at_home: Whether it and all requests before it went to the service's own origin, so that it may carry what
            is meant for the service only.
    """

    method: str
    url: URL
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    at_home: bool = True

    @property
    def bears_credentials(self) -> bool:
        """Whether it asks to be let in."""
        return any(name.lower() == "authorization" for name, _ in self.headers)


def basic_credentials(username: str, password: str) -> str:
    """The value of an `Authorization` header (RFC 7617, in UTF-8)."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")
