"""Real processes, and what is left of them: nothing."""

import asyncio
import contextlib
import errno
import os
import signal
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from healthmon.core.model import Cause
from healthmon.net.exec.process import Command, Ended, run
from healthmon.net.trace import ProbeFailed

PATH = {"PATH": "/usr/bin:/bin"}


@asynccontextmanager
async def leaving_nothing() -> AsyncIterator[None]:
    """Whatever happens inside: no file, thread, task, process or zombie."""
    files, threads, tasks = _files(), threading.active_count(), asyncio.all_tasks()
    children = _children()  # Other tests may have servers that go on.
    yield
    await _until(lambda: _children() <= children)
    assert _files() <= files
    assert threading.active_count() == threads
    assert asyncio.all_tasks() == tasks


def _files() -> set[str]:
    found = set()
    for number in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(str(number.readlink()))
    return found


def _children() -> set[str]:
    """The children of all threads of this process; a thread that ends meanwhile has handed on its own."""
    found = set[str]()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found.update((task / "children").read_text(encoding="ascii").split())
    return found


async def _until(condition: Callable[[], bool]) -> None:
    """Wait for what is about to happen."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nobody tells of other programs' deeds
            await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether there is no such process, or only its zombie, for which others are to blame."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


async def shell(script: str, *, limit: int = 1000, **more: object) -> Ended:
    """Run a script of the shell."""
    command = Command(["sh", "-c", script], "/", PATH, **more)  # type: ignore[arg-type]
    return await run(command, limit=limit, on_output=lambda: None)


async def test_a_command_is_run_to_its_end() -> None:
    """With its status and both its outputs."""
    async with leaving_nothing():
        assert await shell("echo out; echo err >&2; exit 3") == Ended(3, b"out\n", True, b"err\n")


async def test_it_has_the_environment_that_it_is_given_and_no_other() -> None:
    """And the folder."""
    command = Command(["/usr/bin/env"], "/tmp", {"A": "1", **PATH})
    assert (await run(command, limit=1000, on_output=lambda: None)).stdout == b"A=1\nPATH=/usr/bin:/bin\n"
    assert (await shell("pwd")).stdout == b"/\n"


async def test_it_is_not_read_by_a_shell() -> None:
    """Whatever its arguments hold."""
    command = Command(["printf", "%s", "$HOME; `id`"], "/", PATH)
    assert (await run(command, limit=1000, on_output=lambda: None)).stdout == b"$HOME; `id`"


async def test_it_can_read_what_it_is_given() -> None:
    """More than a pipe holds, and whether it does or not."""
    given = b"x" * 200_000
    async with leaving_nothing():
        assert (await shell("wc -c", stdin=given)).stdout.strip() == b"200000"
        assert (await shell("true", stdin=given)).status == 0
        assert (await shell("cat")).stdout == b""


async def test_of_much_output_the_beginning_is_kept_and_of_errors_the_end() -> None:
    """And the command goes on to its end."""
    async with leaving_nothing():
        ended = await shell("yes out | head -c 3000000; yes err | head -c 300000 >&2; echo end >&2; exit 1", limit=8)
    assert (ended.status, ended.stdout, ended.complete) == (1, b"out\nout\n", False)
    assert ended.stderr.endswith(b"err\nend\n")
    assert 4000 < len(ended.stderr) <= 4096


async def test_output_that_just_fits_is_whole() -> None:
    """To the byte."""
    assert (await shell("printf 12345678", limit=8)).complete
    assert not (await shell("printf 123456789", limit=8)).complete


async def test_the_first_output_is_told_of_once() -> None:
    """When it arrives."""
    told: list[None] = []
    command = Command(["sh", "-c", "echo a; sleep 0.1; echo b"], "/", PATH)
    await run(command, limit=100, on_output=lambda: told.append(None))
    assert len(told) == 1


async def test_a_signal_that_ends_it_is_told() -> None:
    assert (await shell("kill -SEGV $$")).status == -signal.SIGSEGV


async def test_a_child_that_keeps_the_pipes_holds_nothing_up() -> None:
    """It is ended with the command that left it behind."""
    async with leaving_nothing(), asyncio.timeout(5):
        ended = await shell("sleep 1000 & echo $!")
    await _until(lambda: gone(int(ended.stdout)))


async def test_a_child_that_has_left_the_group_holds_nothing_up_either(tmp_path: Path) -> None:
    """It goes its own way: who wants to leave is let go."""
    async with leaving_nothing(), asyncio.timeout(5):
        left = tmp_path / "left"
        ended = await shell(
            f"setsid sh -c 'echo $$; touch {left}; exec sleep 1000' & while ! test -e {left}; do sleep 0.01; done"
        )
    pid = int(ended.stdout)
    assert not gone(pid)
    os.kill(pid, signal.SIGKILL)


async def _cut_short(script: str, marker: Path) -> list[int]:
    """Cancel a script once it has written its processes' numbers into a file. Returns them."""
    task = asyncio.create_task(shell(script))
    await _until(lambda: _written(marker))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return _numbers(marker)


def _written(marker: Path) -> bool:
    return marker.exists() and marker.read_text(encoding="ascii").endswith("\n")


def _numbers(marker: Path) -> list[int]:
    return [int(word) for word in marker.read_text(encoding="ascii").split()]


async def test_when_it_is_cut_short_its_whole_group_ends(tmp_path: Path) -> None:
    """Grandchildren too."""
    marker = tmp_path / "pids"
    script = f"sleep 1000 & (sleep 1000 & echo $! $$ > {marker}.new; mv {marker}.new {marker}; wait); wait"
    async with leaving_nothing():
        for pid in await _cut_short(script, marker):
            await _until(partial(gone, pid))


async def test_it_is_asked_to_end_before_it_is_killed(tmp_path: Path) -> None:
    """So that it can clear up."""
    marker, cleared = tmp_path / "pids", tmp_path / "cleared"
    script = f"trap 'touch {cleared}; exit' TERM; echo $$ > {marker}; while :; do sleep 0.01; done"
    async with leaving_nothing():
        await _cut_short(script, marker)
    assert cleared.exists()


async def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    """A moment later."""
    marker = tmp_path / "pids"
    script = f"trap '' TERM; echo $$ > {marker}; while :; do sleep 0.01; done"
    async with leaving_nothing(), asyncio.timeout(5):
        (pid,) = await _cut_short(script, marker)
        assert gone(pid)


async def test_whoever_is_in_a_hurry_waits_for_nothing(tmp_path: Path) -> None:
    """Cancelled again and again, it still leaves no process."""
    marker = tmp_path / "pids"
    async with leaving_nothing():
        task = asyncio.create_task(shell(f"trap '' TERM; echo $$ > {marker}; while :; do sleep 0.01; done"))
        await _until(lambda: _written(marker))
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        (pid,) = _numbers(marker)
        await _until(lambda: gone(pid))


async def test_many_at_once() -> None:
    """Each with its own end."""
    async with leaving_nothing():
        ended = await asyncio.gather(*(shell(f"echo {number}; exit {number}") for number in range(30)))
    assert [(one.status, int(one.stdout)) for one in ended] == [(number, number) for number in range(30)]


async def _cannot(command: Command) -> str:
    async with leaving_nothing():
        with pytest.raises(ProbeFailed) as raised:
            await run(command, limit=100, on_output=lambda: None)
    assert (raised.value.cause, raised.value.symptom) == (Cause.LOCAL, "exec.cannot_run")
    return raised.value.message


async def test_what_cannot_be_run(tmp_path: Path) -> None:
    """Each reason in its own words."""
    missing, plain, script = tmp_path / "missing", tmp_path / "plain", tmp_path / "script"
    plain.write_text("no program", encoding="ascii")
    script.write_text(f"#!{missing}\n", encoding="ascii")
    script.chmod(stat.S_IRWXU)
    nowhere = "or not the interpreter that it names"
    assert await _cannot(Command(["nope"], "/", PATH)) == f"there is no program nope, {nowhere}"
    assert await _cannot(Command([str(script)], "/", PATH)) == f"there is no program {script}, {nowhere}"
    assert await _cannot(Command(["sh"], str(missing), PATH)) == f"there is no folder {missing}"
    assert await _cannot(Command(["sh"], str(plain), PATH)) == f"there is no folder {plain}"
    assert await _cannot(Command([str(plain)], "/", PATH)) == f"this program may not run {plain}"
    plain.chmod(stat.S_IRWXU)
    assert await _cannot(Command([str(plain)], "/", PATH)) == f"{plain} cannot be run: exec format error"
    assert "null byte" in await _cannot(Command(["a\0b"], "/", PATH))
    huge = ["true", "x" * 3_000_000]
    assert await _cannot(Command(huge, "/", PATH)) == "true cannot be run: argument list too long"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_a_folder_that_may_not_be_entered(tmp_path: Path) -> None:
    """Somebody else's."""
    os.chmod(tmp_path, stat.S_IRWXU)  # noqa: PTH101
    os.seteuid(65534)
    try:
        message = await _cannot(Command(["/bin/true"], str(tmp_path), PATH))
    finally:
        os.seteuid(0)
    assert message == f"this program may not enter the folder {tmp_path}"


async def test_one_that_cannot_be_watched_is_not_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no more files may be open."""

    def full(pid: int) -> int:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(os, "pidfd_open", full)
    async with leaving_nothing():
        with pytest.raises(ProbeFailed) as raised:
            await shell("sleep 1000")
    assert raised.value.cause is Cause.LOCAL
    assert raised.value.message == "a command cannot be watched: too many open files"


async def test_it_works_in_a_loop_of_another_thread() -> None:
    """Only the main thread hears of children by signals."""
    found: list[Ended] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(shell("echo a"))))
    thread.start()
    await asyncio.to_thread(thread.join)
    with contextlib.suppress(IndexError):
        assert found[0].stdout == b"a\n"
    assert len(found) == 1


@pytest.mark.parametrize("more", [0, 1, 500])
async def test_of_standard_error_only_whole_lines_are_kept(more: int) -> None:
    """Half a line might begin with half a secret, which nobody would recognise."""
    script = f"printf '%0{5000 + more}d\\n' 0 >&2; echo last >&2"
    ended = await shell(script)
    assert ended.stderr == b"last\n"
    alone = await shell(f"printf '%0{5000 + more}d' 0 >&2")
    assert alone.stderr == b""
