"""Requests that go out beside the checks: bounded in time, and with a few words for what went wrong."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from healthmon.core.units import format_duration

if TYPE_CHECKING:
    from urllib.error import HTTPError


class Sending:
    """Work in a thread of its own, which is left behind when it takes too long.

    The timeout of a socket begins anew with each byte, and a lookup has none: only so does it take no longer than it
    may.

    Args:
        work: Does it, and returns what went wrong, in a few words without a full stop; None where nothing did. It
            must not raise.
    """

    def __init__(self, work: Callable[[], str | None]) -> None:
        from threading import Thread

        self._said: list[str | None] = []
        self._thread = Thread(target=lambda: self._said.append(work()), daemon=True)
        self._thread.start()

    def problem(self, timeout: float) -> str | None:
        """What went wrong; that it took longer than so many seconds, where it did."""
        self._thread.join(timeout)
        return self._said[0] if self._said else f"no answer within {format_duration(max(0.0, timeout))}"


def parse_url(text: str) -> SplitResult | None:
    """The parts of a URL with http:// or https:// and a host; None where it is none to which anything can be sent."""
    try:
        parts = urlsplit(text)
        usable = parts.hostname and parts.port != 0 and text.isascii() and text.isprintable() and " " not in text
    except ValueError:
        return None
    return parts if usable and parts.scheme in {"http", "https"} else None


def attempt(work: Callable[[], str | None]) -> tuple[str | None, bool]:
    """Send something once. Raises nothing: in a thread, that would end as a traceback.

    Args:
        work: Sends it by `urllib`, and returns what went wrong all the same, or None.

    Returns:
        What went wrong, in a few words without a full stop, and whether another attempt may mend it.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError

    try:
        return work(), False
    except HTTPError as error:
        with error:
            return refusal(error), error.code >= 500 or error.code == 429
    except URLError as error:
        return reason(error.reason), True
    except (OSError, HTTPException) as error:
        return reason(error), True
    except Exception as error:
        return f"{type(error).__name__}: {error}", False


def refusal(error: "HTTPError") -> str:
    """The status, and what the server says of it where that is one line of plain text: a proxy's page is not."""
    status = f"HTTP {error.code} {error.reason or ''}".rstrip()
    if error.headers.get_content_type() != "text/plain":
        return status
    text = error.read(1000).decode(errors="replace").strip()
    return f"{status}, {text}" if len(text.splitlines()) == 1 else status


def reason(error: str | BaseException) -> str:
    """A few words without a full stop."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (words or type(error).__name__).lower()
