"""What an engine says of a container, and what is wrong with that. Pure.

Source: Docker Engine API v1.41 and later, ``ContainerInspect``; Podman answers in the same form.
"""

from datetime import datetime
from enum import IntEnum
from signal import SIGKILL
from typing import NamedTuple

from msgspec import Struct, field

from healthmon.core.units import format_duration
from healthmon.core.wording import signal_name

_NOTICED_LATE = 1.0  # seconds
_KILLED = 128 + SIGKILL
_BEFORE = frozenset({"created", "configured", "initialized"})


class _Run(Struct, frozen=True, rename="pascal"):
    output: str = ""


class _Health(Struct, frozen=True, rename="pascal"):
    status: str = ""
    failing_streak: int = 0
    log: list[_Run] | None = None


class _State(Struct, frozen=True, rename="pascal"):
    status: str = ""
    restarting: bool = False
    oom_killed: bool = field(default=False, name="OOMKilled")
    exit_code: int = 0
    error: str = ""
    started_at: str = ""
    finished_at: str = ""
    health: _Health | None = None


class _Config(Struct, frozen=True, rename="pascal"):
    image: str = ""
    tty: bool = False


class Container(Struct, frozen=True, rename="pascal"):
    """A container as its engine describes it; what is of no use here is left out."""

    id: str
    name: str
    state: _State
    config: _Config = _Config()
    restart_count: int = 0

    @property
    def title(self) -> str:
        """Its name, as people use it."""
        return self.name.removeprefix("/")

    @property
    def status(self) -> str:
        """The word for its state: ``running``, ``exited``, ``restarting``, ``created``, ``paused``, ..."""
        return "restarting" if self.state.restarting else self.state.status

    @property
    def health(self) -> str | None:
        """What its health check says: ``healthy``, ``unhealthy``, ``starting``; None where it has none."""
        health = self.state.health
        return health.status if health and health.status not in ("", "none") else None

    @property
    def started(self) -> float | None:
        """When it was started last, in seconds since the epoch; None if never."""
        return _moment(self.state.started_at)

    @property
    def finished(self) -> float | None:
        """When it ended last, in seconds since the epoch; None if never."""
        return _moment(self.state.finished_at)

    @property
    def run_began(self) -> float:
        """The moment since which all that it has said is of its present or last run, in seconds since the epoch.

        Its first words may be a little older than the moment at which its engine noticed that it had started. So of
        one that runs it is the end of the run before, and 0 where there was none.
        """
        if self.ended:
            return max(0.0, (self.started or 0.0) - _NOTICED_LATE)
        return self.finished or 0.0

    @property
    def ended(self) -> bool:
        """Whether its process has ended, so that its exit code means something."""
        return self.status not in _BEFORE | {"running", "paused", "restarting"}


class Tolerance(Struct, frozen=True):
    """What a container may do and still be well.

    Attributes:
        completed: Whether it may have ended with exit code 0: a job.
        restarts: How often it may have been restarted.
        window: For how many seconds after a start it counts that there were more restarts than that.
    """

    completed: bool = False
    restarts: int = 3
    window: float = 600.0


class Severity(IntEnum):
    """How bad it is, the worst first."""

    ENDED = 0
    NOT_STARTED = 1
    RESTARTING = 2
    UNHEALTHY = 3
    PAUSED = 4
    STARTING = 5


class Trouble(NamedTuple):
    """What is wrong with a container.

    Attributes:
        severity: How bad it is.
        message: What it is, in a few words.
        symptom: A key of `healthmon.core.advice.symptoms.SYMPTOMS`.
    """

    severity: Severity
    message: str
    symptom: str


def trouble(container: Container, tolerance: Tolerance, now: float) -> Trouble | None:
    """What is wrong with a container; None if it is well.

    Args:
        container: The container.
        tolerance: What it may do.
        now: The time, in seconds since the epoch.
    """
    state = container.state
    if container.status in _BEFORE:
        return Trouble(Severity.NOT_STARTED, _and("created, but never started", state.error), "docker.not_started")
    if container.status == "restarting" or (container.status == "stopped" and container.restart_count):
        # Podman calls a container that it is about to start again stopped.
        message = f"restarting again and again, {_count(container.restart_count)}, {_exit(container)}"
        symptom = "docker.out_of_memory" if state.oom_killed else "docker.restart_loop"
        return Trouble(Severity.RESTARTING, _and(message, state.error), symptom)
    if container.ended:
        return _ended(container, tolerance, now)
    if container.status == "paused":
        return Trouble(Severity.PAUSED, "paused", "docker.paused")
    return _running(container, tolerance, now)


def _ended(container: Container, tolerance: Tolerance, now: float) -> Trouble | None:
    state = container.state
    if tolerance.completed and not state.exit_code and not state.oom_killed and not state.error:
        return None
    what = _exit(container) if container.status in ("exited", "stopped", "dead") else container.status
    when = f", {format_duration(max(0.0, now - container.finished))} ago" if container.finished else ""
    again = f", after {_count(container.restart_count)}" if container.restart_count else ""
    killed = "docker.killed" if state.exit_code == _KILLED else "docker.exited"
    symptom = "docker.out_of_memory" if state.oom_killed else killed
    return Trouble(Severity.ENDED, _and(f"{what}{when}{again}", state.error), symptom)


def _running(container: Container, tolerance: Tolerance, now: float) -> Trouble | None:
    since = None if container.started is None else max(0.0, now - container.started)
    if container.restart_count > tolerance.restarts and since is not None and since < tolerance.window:
        message = f"running, but after {_count(container.restart_count)}, the last one {format_duration(since)} ago"
        return Trouble(Severity.RESTARTING, message, "docker.restart_loop")
    health = container.state.health
    if health and container.health == "unhealthy":
        streak = f"unhealthy, {health.failing_streak} failures in a row" if health.failing_streak > 1 else "unhealthy"
        return Trouble(Severity.UNHEALTHY, _and(streak, _last_words(health)), "docker.unhealthy")
    if health and container.health == "starting":
        message = "running, its health check has not passed yet"
        return Trouble(Severity.STARTING, _and(message, _last_words(health)), "docker.starting")
    return None


def _exit(container: Container) -> str:
    code = container.state.exit_code
    if container.state.oom_killed:
        return f"exited with {code}, killed for lack of memory"
    name = signal_name(code - 128)
    return f"exited with {code} ({name})" if name else f"exited with {code}"


def _last_words(health: _Health) -> str:
    """The last line of the last run of a health check that said something."""
    lines = [line.strip() for run in health.log or () for line in run.output.splitlines()]
    return next((line for line in reversed(lines) if line), "")


def _count(restarts: int) -> str:
    return f"{restarts} restart" if restarts == 1 else f"{restarts} restarts"


def _and(what: str, words: str) -> str:
    return f"{what}: {words[:160]}" if words else what


def _moment(text: str) -> float | None:
    """A moment as engines write it; None for the year 1, which stands for never."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.timestamp() if moment.year > 1 and moment.tzinfo else None
