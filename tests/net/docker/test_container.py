"""What is wrong with a container."""

from typing import Any

import msgspec
import pytest

from healthmon.net.docker.container import Container, Severity, Tolerance, trouble

NOW = 1_769_860_800.0  # 2026-01-31T12:00:00Z
NEVER = "0001-01-01T00:00:00Z"


def container(status: str = "running", *, restarts: int = 0, **state: Any) -> Container:
    """A container as Docker 28 describes it, started a minute ago."""
    described = {
        "Id": "4fa6e0f0c678",
        "Name": "/web",
        "RestartCount": restarts,
        "Platform": "linux",
        "State": {
            "Status": status,
            "Running": status == "running",
            "Restarting": status == "restarting",
            "OOMKilled": False,
            "ExitCode": 0,
            "Error": "",
            "StartedAt": "2026-01-31T11:59:00.123456789Z",
            "FinishedAt": NEVER,
            **state,
        },
        "Config": {"Image": "shop/web:1.2", "Tty": False},
    }
    return msgspec.convert(described, Container)


def health(status: str, *outputs: str, streak: int = 0) -> dict[str, Any]:
    """The state of a health check."""
    log = [{"Start": NEVER, "End": NEVER, "ExitCode": 1, "Output": output} for output in outputs]
    return {"Health": {"Status": status, "FailingStreak": streak, "Log": log or None}}


@pytest.mark.parametrize(
    "well",
    [
        container(),
        container(**health("healthy")),
        container(**health("none")),
        container(**health("")),  # Podman, without one
        container(restarts=3),
        container(restarts=100, StartedAt="2026-01-31T11:49:59Z"),
        container(restarts=100, StartedAt=NEVER),
    ],
)
def test_one_that_is_well(well: Container) -> None:
    """Nothing is wrong with it."""
    assert trouble(well, Tolerance(), NOW) is None


@pytest.mark.parametrize(
    ("found", "severity", "message", "symptom"),
    [
        (
            container("exited", ExitCode=1, FinishedAt="2026-01-31T11:57:00Z"),
            Severity.ENDED,
            "exited with 1, 3 min ago",
            "docker.exited",
        ),
        (
            container("exited", ExitCode=137, OOMKilled=True, FinishedAt="2026-01-31T11:57:00Z"),
            Severity.ENDED,
            "exited with 137, killed for lack of memory, 3 min ago",
            "docker.out_of_memory",
        ),
        (container("exited", ExitCode=143), Severity.ENDED, "exited with 143 (SIGTERM)", "docker.exited"),
        (container("exited", ExitCode=137), Severity.ENDED, "exited with 137 (SIGKILL)", "docker.killed"),
        (container("exited"), Severity.ENDED, "exited with 0", "docker.exited"),
        (
            container("exited", ExitCode=127, Error="no such file"),
            Severity.ENDED,
            "exited with 127: no such file",
            "docker.exited",
        ),
        (
            container("exited", restarts=5, ExitCode=1),
            Severity.ENDED,
            "exited with 1, after 5 restarts",
            "docker.exited",
        ),
        (container("dead", ExitCode=1), Severity.ENDED, "exited with 1", "docker.exited"),
        (container("removing"), Severity.ENDED, "removing", "docker.exited"),
        (
            container("created", StartedAt=NEVER, Error="port is already allocated"),
            Severity.NOT_STARTED,
            "created, but never started: port is already allocated",
            "docker.not_started",
        ),
        (
            container("restarting", restarts=7, ExitCode=1),
            Severity.RESTARTING,
            "restarting again and again, 7 restarts, exited with 1",
            "docker.restart_loop",
        ),
        (
            container("running", restarts=1, Restarting=True, ExitCode=137, OOMKilled=True),
            Severity.RESTARTING,
            "restarting again and again, 1 restart, exited with 137, killed for lack of memory",
            "docker.out_of_memory",
        ),
        (
            container("stopped", restarts=22, ExitCode=1),  # Podman
            Severity.RESTARTING,
            "restarting again and again, 22 restarts, exited with 1",
            "docker.restart_loop",
        ),
        (
            container(restarts=4),
            Severity.RESTARTING,
            "running, but after 4 restarts, the last one 60 s ago",
            "docker.restart_loop",
        ),
        (
            container(**health("unhealthy", "ok", "trying\nno database\n\n", streak=5)),
            Severity.UNHEALTHY,
            "unhealthy, 5 failures in a row: no database",
            "docker.unhealthy",
        ),
        (container(**health("unhealthy", streak=1)), Severity.UNHEALTHY, "unhealthy", "docker.unhealthy"),
        (
            container(**health("starting")),
            Severity.STARTING,
            "running, its health check has not passed yet",
            "docker.starting",
        ),
        (container("paused"), Severity.PAUSED, "paused", "docker.paused"),
    ],
)
def test_what_is_wrong(found: Container, severity: Severity, message: str, symptom: str) -> None:
    """In words, and how bad it is."""
    seen = trouble(found, Tolerance(), NOW)
    assert seen is not None
    assert (seen.severity, seen.message.replace("59.9 s", "60 s"), seen.symptom) == (severity, message, symptom)


def test_a_job_may_end() -> None:
    """With exit code 0, and not for lack of memory or with an error."""
    job = Tolerance(completed=True)
    assert trouble(container("exited"), job, NOW) is None
    assert trouble(container("exited", ExitCode=1), job, NOW) is not None
    assert trouble(container("exited", OOMKilled=True), job, NOW) is not None
    assert trouble(container("exited", Error="mount failed"), job, NOW) is not None


def test_how_many_restarts_count_and_for_how_long() -> None:
    """Is the owner's to say."""
    assert trouble(container(restarts=1), Tolerance(restarts=0), NOW) is not None
    assert trouble(container(restarts=1), Tolerance(restarts=0, window=59), NOW) is None
    # A clock that is behind the engine's.
    assert trouble(container(restarts=1), Tolerance(restarts=0), NOW - 3600) is not None


def test_what_is_told_of_it() -> None:
    """As people name it."""
    one = container(**health("healthy"))
    assert (one.title, one.status, one.health, one.ended) == ("web", "running", "healthy", False)
    assert one.started == pytest.approx(NOW - 59.876544)
    assert one.finished is None
    assert one.run_began == 0
    assert container(FinishedAt="2026-01-31T11:58:00Z").run_began == NOW - 120
    assert container("exited", FinishedAt="2026-01-31T11:59:30Z").run_began == pytest.approx(NOW - 60.876544)
    assert container("exited", StartedAt=NEVER).run_began == 0
    assert container(StartedAt="nonsense").started is None
    assert container(FinishedAt="2026-01-31T12:00:00").finished is None  # of no time zone
