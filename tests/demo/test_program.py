"""The user's command beside the servers."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from healthmon.demo.program import catch_signal, run_program
from healthmon.errors import UsageError

_TELLS_WHEN_READY = """
import signal, sys, pathlib
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.{signal}])
pathlib.Path({ready!r}).touch()
signal.sigwait([signal.{signal}])
sys.exit(7)
"""


def python(code: str) -> list[str]:
    """A command that runs this code."""
    return [sys.executable, "-c", code]


async def wait_for(path: Path) -> None:
    """Wait until a child has made a file."""
    while not path.exists():  # noqa: ASYNC110, ASYNC240 - another process makes it
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise SystemExit(0)", 0),
        ("raise SystemExit(78)", 78),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
        ("import os; raise SystemExit(os.environ['HEALTHMON_CONFIG'] != 'here')", 0),
    ],
)
async def test_returns_what_a_shell_would(code: str, expected: int) -> None:
    assert expected == await run_program(python(code), {**os.environ, "HEALTHMON_CONFIG": "here"})


async def test_a_command_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no-such-command: command not found"):
        await run_program(["no-such-command"], os.environ)


async def test_a_command_that_cannot_be_executed_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be started: Permission denied"):
        await run_program([str(tmp_path)], os.environ)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_is_passed_on_and_the_childs_code_is_ours(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the tests themselves run in a terminal, which would tell the child of Ctrl-C by itself."""
    monkeypatch.setattr("healthmon.demo.program._terminal_tells_child", lambda: False)
    ready = tmp_path / "ready"
    child = python(_TELLS_WHEN_READY.format(signal=number.name, ready=str(ready)))
    running = asyncio.create_task(run_program(child, os.environ))
    await wait_for(ready)
    os.kill(os.getpid(), number)
    assert await running == 7


async def test_a_cancelled_run_leaves_no_child(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = f"import os, pathlib, signal; pathlib.Path({str(tmp_path / 'tmp')!r}).write_text(str(os.getpid()))\n"
    code += f"os.rename({str(tmp_path / 'tmp')!r}, {str(pid_file)!r}); signal.pause()"
    running = asyncio.create_task(run_program(python(code), os.environ))
    await wait_for(pid_file)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_waiting_ends_with_the_signals_code(number: signal.Signals, code: int) -> None:
    with catch_signal() as ended:
        os.kill(os.getpid(), number)
        assert code == await ended
