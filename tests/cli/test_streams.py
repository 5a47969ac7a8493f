"""Colours, by option, environment and terminal; and streams that take nothing."""

import fcntl
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.streams import appearance, complain, wants_colour
from tests.cli.scripted import scripted
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "expected"),
    [
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"TERM": "xterm"}, True, True),
    ],
)
def test_wants_colour(choice: str, environ: dict[str, str], terminal: bool, expected: bool) -> None:
    """The first that says something decides."""
    assert expected == wants_colour(choice, environ, terminal=terminal)


@given(
    st.sampled_from(["always", "never"]),
    st.dictionaries(st.sampled_from(["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM"]), st.text(max_size=2)),
    st.booleans(),
)
def test_the_option_outranks_all(choice: str, environ: dict[str, str], terminal: bool) -> None:
    """Whatever the environment."""
    assert (choice == "always") == wants_colour(choice, environ, terminal=terminal)


@pytest.mark.parametrize(("encoding", "unicode"), [("utf-8", True), ("latin-1", False), ("ascii", False)])
def test_signs_follow_the_encoding(encoding: str, unicode: bool) -> None:
    """A stream that cannot write them gets ASCII."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert appearance(stream, "never").unicode is unicode
    assert appearance(stream, "always", verbose=True).colour


Broken = Callable[..., int]


@pytest.fixture(params=["full", "gone"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[int]:
    """A stream that takes nothing: the disk is full, or nobody reads any more."""
    if request.param == "full":
        number = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, number = os.pipe()
        os.close(reader)
    yield number
    os.close(number)


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def broken(request: pytest.FixtureRequest, nowhere: int, tmp_path: Path) -> Broken:
    """Run healthmon with a stderr that takes nothing, and return its exit code."""

    def run(*arguments: str | Path, stdout: int = subprocess.DEVNULL, **environ: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "healthmon", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=nowhere,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": request.param, **environ},
            cwd=tmp_path,
            timeout=60,
            check=False,
        ).returncode

    return run


def _config(folder: Path, port: int) -> Path:
    path = folder / "services.toml"
    path.write_text(f'[[services]]\nname = "Brain"\nurl = "http://127.0.0.1:{port}/"\n')
    return path


def test_complaining_to_nobody(nowhere: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raises nothing, keeps nothing for later, and leaves the stream to what comes next."""
    with os.fdopen(os.dup(nowhere), "w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        before = os.fstat(stream.fileno())
        complain("lost")
        assert os.path.samestat(before, os.fstat(stream.fileno()))
        stream.flush()


def test_stderr_takes_nothing_and_the_code_stays(broken: Broken, tmp_path: Path) -> None:
    """Whatever else is to be said: a ping that failed, a lock that is held, a config or a command line with a fault."""
    with scripted((200, {})) as server, scripted((404, {})) as watcher:
        config = _config(tmp_path, server.port)
        ping = f"http://127.0.0.1:{watcher.port}/x"
        assert broken("check", "--quiet", "--ping", ping) == 0
        assert broken("check", "--timestamps", HEALTHMON_CHECK_TYPO="1") == 0
        assert broken("check", "--format", "nagios", HEALTHMON_CHECK_TYPO="1") == 0
        assert broken("check", "--report", "json=/dev/full") == 70
        assert broken("validate", HEALTHMON_VALIDATE_TYPO="1") == 0
        assert broken("wait", "--", "sh", "-c", "exit 5") == 5
        assert broken("wait", "--", "nowhere/program") == 127
        lock = tmp_path / "lock"
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            assert broken("check", f"--lock={lock}") == 75
    assert broken("rollout", "nofile") == 78
    assert broken("check", "--no-such-option") == 2
    assert broken("init", "new.toml") == 0
    config.write_text("nonsense")
    assert broken("check") == 78


def test_neither_stream_takes_anything(broken: Broken, nowhere: int, tmp_path: Path) -> None:
    """What could not be told is no success where the disk is full, and never says that a service is not healthy."""
    full = os.path.samestat(os.fstat(nowhere), Path("/dev/full").stat())
    with scripted((200, {})) as server:
        _config(tmp_path, server.port)
        for command in ("check", "validate", "schema", "wait"):
            assert broken(command, stdout=nowhere) == (70 if full else 0), command
    assert broken("completion", "bash", stdout=nowhere) == (70 if full else 0)
    assert broken("--help", stdout=nowhere) == (70 if full else 0)


@pytest.mark.parametrize("ending", ["--on-failure", "--"])
def test_what_is_to_run_runs_though_stderr_takes_nothing(broken: Broken, tmp_path: Path, ending: str) -> None:
    """Also where several things could not be told: a mistyped variable, the page of the step, a report."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\ntouch ran\nexit 4\n")
    script.chmod(0o755)
    environ = {"GITHUB_STEP_SUMMARY": "/dev/full", "HEALTHMON_WAIT_TYPO": "1"}
    with scripted((500 if ending == "--on-failure" else 200, {})) as server:
        _config(tmp_path, server.port)
        options = ("--format", "github", "--interval", "10ms", "--deadline", "500ms")
        code = broken("wait", *options, ending, "./script", **environ)
    assert (code, (tmp_path / "ran").exists()) == (124 if ending == "--on-failure" else 4, True)


def test_watching_for_a_reader_who_goes(tmp_path: Path) -> None:
    """Ends with what the services are like, also where Python keeps nothing back."""
    with scripted((200, {})) as server:
        _config(tmp_path, server.port)
        process = subprocess.Popen(
            [sys.executable, "-m", "healthmon", "check", "--watch", "--interval", "50ms"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            cwd=tmp_path,
        )
        with process:
            assert process.stdout
            assert process.stdout.readline()
            process.stdout.close()
            assert process.wait(timeout=30) == 0
            assert process.stderr
            assert process.stderr.read() == b""


@pytest.mark.parametrize("words", ["--help", "--version", "check --help", "completion bash"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_is_only_shown(words: str, unbuffered: str) -> None:
    """A reader that has gone away is no error; a full disk is one, and no fault of healthmon."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}
    command = [sys.executable, "-m", "healthmon", *words.split()]
    reader, gone = os.pipe()
    os.close(reader)
    with os.fdopen(gone, "wb") as nobody, Path("/dev/full").open("wb") as full:
        unread, unwritten = (
            subprocess.run(command, stdout=to, stderr=subprocess.PIPE, encoding="utf-8", env=environ, check=False)
            for to in (nobody, full)
        )
    assert (unread.returncode, unread.stderr) == (0, "")
    assert unwritten.returncode == 70
    assert unwritten.stderr == "The report could not be written to stdout: No space left on device.\n"
