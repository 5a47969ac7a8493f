"""``--ping URL``: tells a watcher of cron jobs that this one began and how it ended, in the manner of healthchecks.io.

https://healthchecks.io/docs/http_api/: ``URL/start``, then ``URL`` after success or ``URL/CODE`` with the exit code. A
run id makes the two a pair, and the second carries the report. What the URL says is a secret in effect.
"""

import re
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

import click

from healthmon.app.interruption import noted
from healthmon.cli.jobs.ending import JobEnd
from healthmon.cli.jobs.sending import Sending, attempt, parse_url
from healthmon.cli.streams import complain
from healthmon.core.masking import forms
from healthmon.core.safe_text import clean
from healthmon.errors import INTERNAL, INTERRUPTED, HealthmonError, Interrupted, LockHeld, UsageError

if TYPE_CHECKING:
    from urllib.request import Request

TIMEOUT = 5.0
"""Seconds that the last ping may take, with all its attempts."""

_ATTEMPTS = 3
_ONE = 2.0  # seconds for one attempt
_PAUSE = 0.5  # seconds between two
_BODY_LIMIT = 100_000  # bytes: what healthchecks.io keeps

_KEY = 6
"""Characters of the shortest part of a URL that may be a key."""


class Pulse:
    """The pings of one run.

    Args:
        target: The URL.
        run: The run's id, a UUID.
    """

    def __init__(self, target: SplitResult, run: str) -> None:
        self._target = target
        self._run = run
        self._start: Sending | None = None
        self._ending = False

    def start(self) -> None:
        """Say that the run begins. It goes out beside the checks."""
        self._start = Sending(lambda: self._send("/start", "", late=lambda: self._ending))

    def end(self, ending: JobEnd) -> None:
        """Say how the run ended. What went wrong with that is told on stderr, and changes nothing else.

        A signal comes too late to end anything but this; the second one does.
        """
        with noted():
            self._end(ending)

    def _end(self, ending: JobEnd) -> None:
        deadline = time.monotonic() + TIMEOUT
        # In their order: a start that arrives after the end would be a run that never ends.
        self._ending = True  # Now its attempts come to an end, too.
        early = None if self._start is None else self._start.problem(TIMEOUT / 2)
        text = ending.report()
        suffix = "" if ending.code == 0 else f"/{ending.code}"
        last = Sending(lambda: self._send(suffix, text)).problem(deadline - time.monotonic())
        if problem := last or early:
            which = "The end" if last else "The start"
            place = f"{self._target.scheme}://{self._target.netloc}/…"
            words = clean(problem, _secrets(self._target)).rstrip(".")
            complain(f"{which} of the run could not be told to {place}: {words}.")

    def _send(self, suffix: str, text: str, *, late: Callable[[], bool] = lambda: False) -> str | None:
        """Send one ping, several times if need be and it is not too `late`; say what went wrong, if something did."""
        from urllib.request import Request

        from healthmon import __version__

        query = "&".join(filter(None, (self._target.query, f"rid={self._run}")))
        path = self._target.path.rstrip("/") + suffix
        headers = {"User-Agent": f"healthmon/{__version__}", "Content-Type": "text/plain; charset=utf-8"}
        body = text.encode()[:_BODY_LIMIT].decode(errors="ignore").encode()
        url = self._target._replace(path=path, query=query).geturl()
        request = Request(url, body, headers, method="POST")  # noqa: S310 - http and https only
        for number in range(_ATTEMPTS):
            if number:
                time.sleep(_PAUSE)
            problem, again = attempt(lambda: _post(request))
            if not again or late():
                break
        return problem


def _secrets(target: SplitResult) -> frozenset[str]:
    """What a server that repeats the URL would tell: the parts as a whole, and one by one where they may be keys."""
    path, query = target.path.strip("/"), target.query
    keys = [part for part in re.split("[/&=]", f"{path}&{query}") if len(part) >= _KEY]
    return frozenset().union(*(forms(text) for text in (path, query, *keys)))


def parse(text: str) -> SplitResult:
    """Read the value of ``--ping`` before anything runs.

    Raises:
        UsageError: It is not a URL to ping. The message does not repeat it.
    """
    parts = parse_url(text)
    if parts is None or "@" in parts.netloc or parts.fragment:
        raise UsageError(
            "--ping: expected a URL that begins with http:// or https://, without a user name and without #, "
            "such as https://hc-ping.com/YOUR-UUID."
        )
    return parts


def told(target: SplitResult, work: Callable[[Callable[[], None]], JobEnd]) -> int:
    """Run something and tell how it ends.

    Args:
        target: Whom to tell.
        work: Gets what says that the run begins.

    Returns:
        The exit code.
    """
    from uuid import uuid4

    pulse = Pulse(target, str(uuid4()))
    try:
        ending = work(pulse.start)
    except LockHeld:
        raise  # The run that holds it tells of itself.
    except HealthmonError as error:
        pulse.end(JobEnd(error.exit_code, text=f"{error}\n"))
        raise
    except Interrupted as interrupted:
        pulse.end(JobEnd(interrupted.exit_code, text=f"{interrupted}\n"))
        raise
    except (click.Abort, KeyboardInterrupt):
        pulse.end(JobEnd(INTERRUPTED))
        raise
    except Exception:
        pulse.end(JobEnd(INTERNAL, text=f"A fault in healthmon itself: {sys.exc_info()[1]!r}\n"))
        raise
    pulse.end(ending)
    return ending.code


def _post(request: "Request") -> str | None:
    """Send a request, and say what went wrong although it was taken."""
    from urllib.request import build_opener

    from healthmon.cli.jobs.redirects import SameOrigin

    with build_opener(SameOrigin).open(request, timeout=_ONE) as answer:
        # "OK (not found)", "OK (rate limited)": a status 200 is no sign that the ping was taken.
        said = answer.read(100).decode(errors="replace").strip()
        return f"it says: {said}" if said.startswith("OK (") else None
