"""Asks a container engine by its HTTP interface. Importing aiohttp takes long: import this where it is used."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
from yarl import URL

from healthmon.core.model import Cause, Stage
from healthmon.net.docker.container import Container
from healthmon.net.docker.endpoint import Endpoint
from healthmon.net.docker.log import lines_of
from healthmon.net.http.connection import Route
from healthmon.net.http.exchange import exchange
from healthmon.net.http.request import Request
from healthmon.net.network import Network
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace

LOG_LINES = 5000
"""The most lines of a log that are looked at, the latest ones."""

LOG_BYTES = 2**20
"""The most bytes of a log that are looked at."""

_ANSWER_BYTES = 8 * 2**20
_FEWEST_LINES = 10
_FORBIDDEN = frozenset({401, 403})
_NOT_REACHED = frozenset(
    {Cause.DNS, Cause.UNREACHABLE, Cause.REFUSED, Cause.CONNECT_TIMEOUT, Cause.TLS, Cause.CERTIFICATE}
)

T = TypeVar("T")


class _Listed(msgspec.Struct, frozen=True, rename="pascal"):
    id: str


class _Answer(NamedTuple):
    status: int
    content: bytes


class Engine:
    """A container engine, asked on behalf of one check: each question has a connection of its own.

    Args:
        endpoint: Where it listens.
        tls: How to speak TLS to it.
        network: Makes the connections.
        trace: Receives how far it came and how long it took.
    """

    def __init__(self, endpoint: Endpoint, tls: TlsSettings, network: Network, trace: Trace) -> None:
        self._base = endpoint.base
        self._route = Route(tls=tls, socket=endpoint.socket)
        self._network = network
        self._trace = trace

    async def container(self, name: str) -> Container | None:
        """The container with this name or id; None if there is none.

        Raises:
            ProbeFailed: The engine cannot be asked, or does not tell.
        """
        answer = await self._get(("containers", name, "json"), {})
        if answer.status == 404 and _message(answer):
            return None
        return _decoded(answer, Container)

    async def labelled(self, labels: Sequence[str]) -> list[Container]:
        """The containers that have all these labels, running or not, by name.

        Args:
            labels: Names of labels, or ``NAME=VALUE``.

        Raises:
            ProbeFailed: The engine cannot be asked, or does not tell.
        """
        filters = msgspec.json.encode({"label": list(labels)}).decode()
        answer = await self._get(("containers", "json"), {"all": "1", "filters": filters})
        listed = _decoded(answer, list[_Listed])
        found = [await self.container(one.id) for one in listed]
        # One that was removed meanwhile is none.
        return sorted((one for one in found if one is not None), key=lambda one: one.name)

    async def log(self, container: Container, since: float) -> bytes:
        """The latest lines of a container's log: so many, and so many bytes, as are looked at.

        Args:
            container: The container.
            since: The moment from which on, in seconds since the epoch.

        Raises:
            ProbeFailed: The engine cannot be asked, or cannot tell: there are ways to log that cannot be read.
        """
        lines = LOG_LINES
        while True:
            asked = {"stdout": "1", "stderr": "1", "tail": str(lines), "since": f"{since:.9f}"}
            answer = await self._get(("containers", container.id, "logs"), asked, limit=LOG_BYTES)
            if answer.status != 200:
                raise _refused(answer)
            found = lines_of(answer.content, tty=container.config.tty)
            if len(answer.content) < LOG_BYTES or lines <= _FEWEST_LINES:
                return found
            # The beginning of too much: as many of the latest lines as there was room for, and a little less.
            lines = max(_FEWEST_LINES, min(lines // 2, found.count(b"\n") * 3 // 4))

    async def _get(self, path: Sequence[str], query: dict[str, str], *, limit: int = _ANSWER_BYTES) -> _Answer:
        url = URL(self._base)
        for part in path:
            url = url / part
        # What is seen of the exchange is the engine's, not the container's: only its times are of use.
        seen = Trace()
        try:
            async with exchange(
                self._network, self._route, Request("GET", url.with_query(query)), seen, want_body=True
            ) as answer:
                try:
                    await answer.read(limit)
                except ProbeFailed as failure:
                    if failure.cause is not Cause.TOO_LARGE:
                        raise
                content = b"" if seen.body is None else seen.body.content
                return _Answer(answer.status, content)
        except ProbeFailed as failure:
            raise _engine_failed(failure) from failure
        finally:
            self._take(seen)

    def _take(self, seen: Trace) -> None:
        self._trace.enter(seen.stage)
        timings = seen.outcome().timings
        for stage in Stage:
            seconds = getattr(timings, stage.value)
            if seconds is not None:
                self._trace.spent(stage, seconds)


def _decoded(answer: _Answer, type_: type[T]) -> T:
    if answer.status != 200:
        raise _refused(answer)
    try:
        return msgspec.json.decode(answer.content, type=type_, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProbeFailed(
            Cause.PROTOCOL, "the container engine's answer is not what it should be", "docker.engine"
        ) from error


def _refused(answer: _Answer) -> ProbeFailed:
    text = f"the container engine answered HTTP {answer.status}"
    said = _message(answer)
    text = f"{text}: {said}" if said else text
    if answer.status in _FORBIDDEN:
        return ProbeFailed(Cause.LOCAL, text, "docker.permission")
    return ProbeFailed(Cause.PROTOCOL, text, "docker.engine")


def _message(answer: _Answer) -> str:
    """What an engine says of an error; empty where it is no engine."""
    try:
        said: Any = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return message[:160] if isinstance(message, str) else ""


def _engine_failed(failure: ProbeFailed) -> ProbeFailed:
    symptom = failure.symptom
    if failure.cause in _NOT_REACHED:
        symptom = "docker.no_engine"
    elif symptom == "unix.permission":
        symptom = "docker.permission"
    elif failure.cause is not Cause.LOCAL:
        symptom = "docker.engine"
    return ProbeFailed(failure.cause, f"the container engine: {failure.message}", symptom)
