"""Lock files: real ones, held by real processes."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from healthmon.engine.lock import Holder, Taken, held, release, take
from tests.conftest import ROOT

HOLD = "import sys; from pathlib import Path; from healthmon.engine.lock import take; take(Path(sys.argv[1])); "


def test_one_at_a_time(tmp_path: Path) -> None:
    """The other is told who holds it, and since when; then it is free, and says nothing."""
    before = int(time.time())
    lock = take(tmp_path / "lock")
    with pytest.raises(Taken) as taken:
        take(tmp_path / "lock")
    assert taken.value.holder.pid == os.getpid()
    assert taken.value.holder.since is not None
    assert before <= taken.value.holder.since <= time.time()
    release(lock)
    assert (tmp_path / "lock").read_bytes() == b""
    release(take(tmp_path / "lock"))


def test_who_holds_it_is_told_without_taking_it(tmp_path: Path) -> None:
    """Nor is a file made, or anything in it changed."""
    path = tmp_path / "lock"
    assert (held(path), path.exists()) == (None, False)
    lock = take(path)
    holder = held(path)
    assert holder is not None
    assert holder.pid == os.getpid()
    assert path.read_bytes()
    release(lock)
    assert held(path) is None
    path.write_text("1 2026-01-31T12:00:00Z\n")  # Of one that was killed.
    assert held(path) is None
    assert path.read_text() == "1 2026-01-31T12:00:00Z\n"
    release(take(path))


def test_a_holder_in_words() -> None:
    """As far as it is known."""
    assert str(Holder()) == "process unknown"
    assert str(Holder(4711, 1_769_860_800.0)) == "process 4711, since 2026-01-31 12:00:00 UTC"
    assert str(Holder(4711)) == "process 4711"


def test_sigkill_frees_it(tmp_path: Path) -> None:
    """And the next one says who it is itself."""
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD + "print(flush=True); sys.stdin.read()", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(Taken, match=f"^process {holder.pid}, since "):
            take(path)
        holder.kill()
    assert path.read_text().startswith(f"{holder.pid} ")
    lock = take(path)
    assert path.read_text().startswith(f"{os.getpid()} ")
    path.write_text(f"{holder.pid} 2026-01-31T12:00:00Z\n")  # As if this one had not come to write yet.
    with pytest.raises(Taken, match=r"^process unknown$"):
        take(path)
    release(lock)


def test_one_that_is_deleted_just_before_it_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By somebody who tidies up: the lock is on the file that others will find."""
    path = tmp_path / "lock"
    left = ["deleted", "replaced"]

    def flock(lock: int, how: int) -> None:
        if left:
            path.unlink()
            if left.pop() == "replaced":
                path.touch()
        real(lock, how)

    real = fcntl.flock
    monkeypatch.setattr("fcntl.flock", flock)
    before = len(list(Path("/proc/self/fd").iterdir()))
    lock = take(path)
    assert left == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 1  # The files that are gone are not kept open.
    with pytest.raises(Taken, match=f"^process {os.getpid()}, since "):
        take(path)
    release(lock)


@pytest.mark.parametrize("content", ["1\n", "1 2026-13-41T12:00:00Z\n"])
def test_a_holder_of_another_version(tmp_path: Path, content: str) -> None:
    """What it says is understood as far as it goes."""
    path = tmp_path / "lock"
    lock = take(path)
    path.write_text(content)
    with pytest.raises(Taken, match=r"^process 1$"):
        take(path)
    release(lock)


def test_a_file_that_holds_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    """Somebody has mistyped a path."""
    path = tmp_path / "services.toml"
    for content in ('host = "127.0.0.1"\n', "4711 apples\n", "12"):
        path.write_text(content)
        lock = take(path)
        with pytest.raises(Taken, match=r"^process unknown$"):
            take(path)
        release(lock)
        assert path.read_text() == content


def test_in_a_shared_folder_only_a_file_of_ones_own(tmp_path: Path) -> None:
    """No link, no file with a second name, no pipe: nobody can have this process write elsewhere, or wait."""
    (tmp_path / "mine").touch()
    (tmp_path / "elsewhere").touch()  # with one name: nothing but the link is to be refused
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "second").hardlink_to(tmp_path / "mine")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "second", "pipe"):
        with pytest.raises(OSError, match=name):
            take(tmp_path / name, shared_folder=True)
    release(take(tmp_path / "new", shared_folder=True))
    release(take(tmp_path / "link"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file of another user")
def test_in_a_shared_folder_no_file_of_another_user(tmp_path: Path) -> None:
    """Who could keep it locked."""
    (tmp_path / "theirs").touch()
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(PermissionError, match="not a file of this user alone"):
        take(tmp_path / "theirs", shared_folder=True)


@pytest.mark.parametrize("name", ["missing/lock", "plain/lock", "x" * 300, "."])
def test_what_cannot_be_a_lock(tmp_path: Path, name: str) -> None:
    """A missing folder, a file as a folder, a name that is too long, a folder."""
    (tmp_path / "plain").touch()
    with pytest.raises(OSError, match=r"\[Errno"):
        take(tmp_path / name)
