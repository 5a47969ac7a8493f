"""Commands on a leash: real ones, that end, do not want to, and do not outlive who started them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from healthmon.net.exec import leashed
from healthmon.net.exec.leash import processes
from healthmon.net.exec.leashed import CannotEnd, CannotRun, Task, run
from tests.conftest import ROOT
from tests.deploy.programs import eventually
from tests.programs.running import lives
from tests.unhurried import UnhurriedLoop


def task(*arguments: str, timeout: float = 30.0, grace: float = 5.0, cwd: str = "/", **env: str) -> Task:
    """A task with the usual programs at hand."""
    return Task(arguments, cwd, {"PATH": "/usr/local/bin:/usr/bin:/bin", **env}, timeout, grace)


def shell(script: str, **keys: object) -> Task:
    """A script for a shell."""
    return task("/bin/sh", "-c", script, **keys)  # type: ignore[arg-type]


async def done(what: Task) -> tuple[int | None, bytes]:
    """How it ended, and what it wrote."""
    pieces: list[bytes] = []
    return await run(what, pieces.append), b"".join(pieces)


async def too_long(what: Task, lines: int = 1) -> tuple[int | None, bytes]:
    """How one ended that takes too long, and what it wrote: its time begins when it has written so many lines."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, UnhurriedLoop)
    pieces: list[bytes] = []

    def take(data: bytes) -> None:
        pieces.append(data)
        if b"".join(pieces).count(b"\n") >= lines:
            loop.go_on()

    loop.stop_time()
    try:
        return await run(what, take), b"".join(pieces)
    finally:
        loop.go_on()


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (task("echo", "a b", "$HOME"), (0, b"a b $HOME\n")),
        (shell("echo out; echo err >&2; exit 3"), (3, b"out\nerr\n")),
        (shell("kill -SEGV $$"), (139, b"")),
        (task("no-such-program"), (127, b"no-such-program: No such file or directory\n")),
        (task("/etc/passwd"), (126, b"/etc/passwd: Permission denied\n")),
        (shell("cat; echo $WHO", WHO="me"), (0, b"me\n")),
        (shell("pwd", cwd="/usr"), (0, b"/usr\n")),
        (shell("(: < /dev/tty) 2>/dev/null || echo no terminal"), (0, b"no terminal\n")),
        (shell("ulimit -c 0; trap '' PIPE; yes 2>/dev/null | head -1"), (0, b"y\n")),
    ],
)
async def test_how_it_ends(what: Task, expected: tuple[int, bytes]) -> None:
    """As a shell would say it, with all that it wrote in its order."""
    assert await done(what) == expected


async def test_its_environment_is_what_it_was_given() -> None:
    """And nothing of the leash is in it, nor open."""
    _, written = await done(task("/usr/bin/env", ONE="1"))
    assert set(written.splitlines()) == {b"PATH=/usr/local/bin:/usr/bin:/bin", b"ONE=1"}
    _, written = await done(shell("ls /proc/self/fd"))
    assert len(written.split()) == 4, written  # 0, 1, 2, and the folder itself


async def test_it_hears_signals_as_ever() -> None:
    """The leash ignores some; a command does not."""
    _, written = await done(shell("grep SigIgn /proc/self/status"))
    assert int(written.split()[1], 16) & (1 << 14 | 1 << 12 | 1 << 1) == 0


async def test_much_output_arrives_whole() -> None:
    """As fast as it is taken."""
    status, written = await done(shell("head -c 20000000 /dev/zero; echo end"))
    assert (status, len(written), written[-4:]) == (0, 20_000_004, b"end\n")


@pytest.mark.parametrize(
    ("trap", "least"),
    [("", 0.3), ("trap '' TERM; ", 0.8)],
)
async def test_one_that_takes_too_long_is_ended(trap: str, least: float) -> None:
    """With all of its group, and whether it wants to or not."""
    begun = time.monotonic()
    script = f"{trap}echo $$; sleep 61 & echo $!; while :; do sleep 0.1; done"
    status, written = await too_long(shell(script, timeout=0.3, grace=0.5), lines=2)
    assert status is None
    assert least <= time.monotonic() - begun < 20
    eventually(lambda: not any(map(lives, map(int, written.split()[:2]))))


async def test_cancelled_it_is_told_to_end() -> None:
    """And may say its last words."""
    pieces: list[bytes] = []
    begun = asyncio.Event()

    def take(data: bytes) -> None:
        pieces.append(data)
        begun.set()

    running = asyncio.create_task(
        run(shell("trap 'echo bye; exit 0' TERM; echo $$; while :; do sleep 0.05; done"), take)
    )
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    pid, *words = b"".join(pieces).split()
    assert words[-1] == b"bye"
    assert not lives(int(pid))


async def test_what_it_started_is_left_in_peace() -> None:
    """To start something is what it is for; nobody waits for that to end, though it holds the pipe."""
    begun = time.monotonic()
    status, written = await done(shell("sleep 60 & echo $!"))
    pid = int(written)
    try:
        assert (status, lives(pid)) == (0, True)
        assert time.monotonic() - begun < 10
    finally:
        os.kill(pid, signal.SIGKILL)


async def test_what_it_started_may_go_on_talking(tmp_path: Path) -> None:
    """To nobody: it does not die of that. And whoever listens goes when it goes."""
    count = tmp_path / "count"
    talk = f"i=0; while :; do i=$((i+1)); echo tick; echo $i >{count}.new; mv {count}.new {count}; sleep 0.02; done"
    _, written = await done(shell(f"echo $PPID; ({talk}) & echo $!"))
    leash, pid = map(int, written.replace(b"tick", b"").split())
    try:
        eventually(count.exists)
        so_far = int(count.read_text())
        eventually(lambda: int(count.read_text()) > so_far + 10, within=10)
    finally:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: leash not in {session for _, _, session in processes().values()})


@pytest.mark.parametrize(
    ("what", "why"),
    [(task("echo", cwd="/no/such"), "the folder /no/such: no such file or directory"), (task("a\0b"), "null byte")],
)
async def test_what_cannot_be_started(what: Task, why: str) -> None:
    """Says why, and leaves nothing open."""
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - pathlib would open another
    with pytest.raises(CannotRun, match=why):
        await done(what)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


ESCAPES = {
    "its own group": "timeout 60 sh -c 'echo $$; sleep 63'",
    "its own session": "setsid -w sh -c 'echo $$; sleep 63'",
    "a session, and no parent": "setsid -f sh -c 'echo $$; sleep 63'; sleep 64",
    "double fork": "(setsid sh -c 'echo $$; trap \"\" TERM; while :; do sleep 0.05; done' &) ; sleep 64",
}


@pytest.mark.parametrize("script", ESCAPES.values(), ids=ESCAPES)
async def test_nobody_gets_away(script: str) -> None:
    """When a command takes too long, all that it has started is ended, in whatever group or session."""
    status, written = await too_long(shell(script, timeout=0.3, grace=0.3))
    pid, *_ = written.split()  # A shell that hears of it later than its child says "Terminated".
    assert (status, lives(int(pid))) == (None, False)


async def test_who_has_lost_his_parent_has_the_grace_too() -> None:
    """A shell ends at once; what it ran may tidy up, and may run programs for that."""
    script = "sh -c 'trap \"sleep 0.3; echo tidy; exit\" TERM; echo $$; while :; do sleep 0.05; done'; echo never"
    begun = time.monotonic()
    status, written = await too_long(shell(script, timeout=0.3, grace=20.0))
    pid, *rest = written.split()
    assert (status, rest[-1], lives(int(pid))) == (None, b"tidy", False)
    assert time.monotonic() - begun < 10


async def test_it_reaps_who_has_lost_his_parent() -> None:
    """As init would: or a script waits for ever until its daemon is gone."""
    script = (
        "pid=$(sh -c 'sleep 65 >/dev/null & echo $!'); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done"
    )
    assert await done(shell(script, timeout=10.0)) == (0, b"")


async def test_a_leash_that_is_killed() -> None:
    """As when memory is short: what it held does not go on."""
    script = "(timeout 60 sh -c 'echo $$; sleep 66' &); sleep 0.2; kill -9 $PPID; echo $$; sleep 67"
    status, written = await done(shell(script, grace=1.0))
    assert status == 128 + signal.SIGKILL
    assert not any(map(lives, map(int, written.split())))


async def test_what_cannot_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not waited for, and is told: here because somebody has stopped the leash."""
    monkeypatch.setattr(leashed, "_SPARE", 0.2)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, UnhurriedLoop)
    pieces: list[bytes] = []

    def take(data: bytes) -> None:
        pieces.append(data)
        loop.go_on()

    loop.stop_time()
    with pytest.raises(CannotEnd) as raised:
        await run(shell("kill -STOP $PPID; echo $$ $PPID; exec sleep 68", timeout=0.1, grace=0.1), take)
    pid, leash = map(int, pieces[0].split())
    try:
        assert str(raised.value) == f"process {pid} cannot be ended, and goes on"
        assert pieces[1] == f"\n{raised.value}\n".encode()
        assert lives(pid)
    finally:
        os.kill(leash, signal.SIGCONT)  # It does its work then.
    eventually(lambda: not lives(pid))
    eventually(lambda: os.waitpid(leash, os.WNOHANG)[0])


PARENT = """
import asyncio, sys
from healthmon.net.exec.leashed import Task, run

def take(data):
    sys.stdout.write(data.decode())
    sys.stdout.flush()

asyncio.run(run(Task(["/bin/sh", "-c", sys.argv[1]], "/", {"PATH": "/usr/bin:/bin"}, 60.0, float(sys.argv[2])), take))
"""


def parent(script: str, grace: float = 0.3) -> "subprocess.Popen[str]":
    """A process that runs a command and can be killed."""
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, script, str(grace)],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        encoding="utf-8",
    )


def pids(process: "subprocess.Popen[str]", count: int) -> Sequence[int]:
    """The numbers that a command has written."""
    assert process.stdout
    return [int(process.stdout.readline()) for _ in range(count)]


@pytest.mark.parametrize("script", ESCAPES.values(), ids=ESCAPES)
def test_nobody_gets_away_when_healthmon_is_killed(script: str) -> None:
    """Nor then."""
    with parent(script) as process:
        (found,) = pids(process, 1)
        process.kill()
    eventually(lambda: not lives(found))


def test_it_may_say_its_last_words_to_nobody(tmp_path: Path) -> None:
    """When healthmon is killed, what it tidies up does not die of writing, however much."""
    done = tmp_path / "done"
    tidy = f"head -c 1000000 /dev/zero; echo bye; touch {done}; exit"
    with parent(f"trap '{tidy}' TERM; echo $$; while :; do sleep 0.05; done", 20.0) as process:
        (found,) = pids(process, 1)
        process.kill()
    eventually(lambda: not lives(found))
    assert done.exists()


@pytest.mark.parametrize("stubborn", [False, True])
def test_it_does_not_outlive_who_started_it(stubborn: bool) -> None:
    """Killed at once, without a chance to say anything."""
    trap = "trap '' TERM; " if stubborn else ""
    with parent(f"{trap}echo $$; sleep 62 & echo $!; while :; do sleep 0.1; done") as process:
        found = pids(process, 2)
        assert all(map(lives, found))
        process.kill()
    eventually(lambda: not any(map(lives, found)))


async def test_what_it_keeps_is_not_the_commands() -> None:
    """Such as a lock: it lasts until the command has ended, but what that leaves running does not have it."""
    reading, writing = os.pipe()
    try:
        what = structs.replace(shell("ls /proc/self/fd"), kept=[writing])
        _, written = await done(what)
        assert len(written.split()) == 4, written
    finally:
        os.close(writing)
        assert os.read(reading, 1) == b""  # Nobody else has it any more.
        os.close(reading)
