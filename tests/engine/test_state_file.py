"""The file that keeps states: real files, killed writers, torn and damaged content."""

import contextlib
import errno
import fcntl
import io
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.core.identity import fingerprint
from healthmon.core.model import Cause, Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import State
from healthmon.engine.state_file import StateFile, restored_states, state_path
from healthmon.engine.state_lines import HEADER, Kept, line, read
from healthmon.errors import LockHeld, UsageError
from tests.make import service

DOWN = State(
    verdict=Verdict.DOWN,
    since=1_769_860_800.25,
    cause=Cause.STATUS,
    message='HTTP 503, expected "200" · 302',
    blocked_by="postgres",
    failures=3,
    leaning=Verdict.UP,
    first_check=1_769_860_000.5,
    proven=True,
    changes=(1_769_860_100.0, 1_769_860_800.0),
    flapping=True,
    in_maintenance=True,
)
UP = State(verdict=Verdict.UP, since=1_769_860_800.0, successes=1, proven=True)


@contextlib.contextmanager
def opened(path: Path, *, notices: Sequence[str] = ()) -> Iterator[tuple[StateFile, dict[str, Kept]]]:
    """A state file and what it keeps, with the names of the notices that are expected."""
    file, kept, told = StateFile.open(path)
    try:
        assert [notice.event for notice in told] == list(notices)
        yield file, kept
    finally:
        file.close()


def many(count: int, state: State = UP) -> dict[str, Kept]:
    """This state of so many services."""
    return {f"service-{number}": Kept("f", state) for number in range(count)}


def test_the_last_change_of_a_service_counts(tmp_path: Path) -> None:
    """After any number of them, and with all that a state holds."""
    path = tmp_path / "state.jsonl"
    with opened(path) as (file, kept):
        assert kept == {}
        file.snapshot({"brain": Kept("a", UP), "redis": Kept("b", UP)})
        file.append([("brain", Kept("c", DOWN)), ("brain", Kept("c", UP))])
        file.append([("brain", Kept("c", DOWN))])
        file.sync()
    with opened(path) as (_, kept):
        assert kept == {"brain": Kept("c", DOWN), "redis": Kept("b", UP)}


def test_a_folder_stands_for_a_file_in_it(tmp_path: Path) -> None:
    """As systemd gives one, which nobody else may read."""
    with opened(tmp_path) as (file, _):
        file.snapshot(many(1))
        assert file.path == tmp_path / "state.jsonl"
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.jsonl", "state.jsonl.lock"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it points to is replaced."""
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with opened(tmp_path / "link") as (file, _):
        file.snapshot(many(1))
    assert (tmp_path / "link").is_symlink()
    with opened(tmp_path / "real") as (_, kept):
        assert kept == many(1)


def test_only_one_process_has_a_state_file(tmp_path: Path) -> None:
    """The other is told which does."""
    said = (
        rf"Another healthmon \(process {os.getpid()}, since .* UTC\) has the state file {tmp_path}/s; stop it first\."
    )
    with opened(tmp_path / "s"), pytest.raises(LockHeld, match=said):
        StateFile.open(tmp_path / "s")
    with opened(tmp_path / "s"):
        pass


def test_a_file_system_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As some network file systems are: two daemons could not be told apart there."""

    def refused(_: int, __: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refused)
    with pytest.raises(UsageError, match="No locks available"):
        StateFile.open(tmp_path / "s")


def test_a_path_that_ends_with_a_slash_is_a_folder(tmp_path: Path) -> None:
    """Which is made for this user alone, and left as it is where it is there."""
    wanted = f"{tmp_path}/var/state/"
    with opened(state_path(wanted)) as (file, _):
        assert file.path == tmp_path / "var/state/state.jsonl"
    assert stat.S_IMODE((tmp_path / "var/state").stat().st_mode) == 0o700
    (tmp_path / "var/state").chmod(0o755)
    assert state_path(wanted) == tmp_path / "var/state"
    assert stat.S_IMODE((tmp_path / "var/state").stat().st_mode) == 0o755
    (tmp_path / "plain").touch()
    with pytest.raises(UsageError, match=r"^--state .*/plain/: File exists\. Name a folder"):
        state_path(f"{tmp_path}/plain/")
    assert state_path(f"{tmp_path}/none") == tmp_path / "none"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", ["missing/state", "plain/state", "pipe", "loop", "x" * 300])
def test_what_cannot_be_a_state_file_is_said_at_once(tmp_path: Path, name: str) -> None:
    """A missing folder, a file as a folder, what is no file, links in a circle, a name that is too long."""
    (tmp_path / "plain").touch()
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=r"--state .*\. Name a file"):
        StateFile.open(tmp_path / name)


def test_an_unreadable_file_is_said_and_unlocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a second attempt does not find it locked."""

    def broken(_: Path) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (tmp_path / "s").touch()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", broken)
        with pytest.raises(UsageError, match="Input/output error"):
            StateFile.open(tmp_path / "s")
    with opened(tmp_path / "s"):
        pass


def test_a_file_grows_until_a_snapshot_is_due(tmp_path: Path) -> None:
    """Which leaves only what counts."""
    with opened(tmp_path) as (file, _):
        file.snapshot(many(1000))
        rounds = 0
        while not file.bloated:
            file.append(list(many(1000, DOWN).items()))
            rounds += 1
        assert rounds == 4
        size = file.path.stat().st_size
        file.snapshot(many(1000, DOWN))
        assert file.path.stat().st_size < size / 3
        file.append(list(many(1000).items()))
        assert [file.bloated] == [False]
    with opened(tmp_path) as (_, kept):
        assert kept == many(1000)


def test_a_small_file_may_repeat_itself(tmp_path: Path) -> None:
    """A megabyte is nothing."""
    with opened(tmp_path) as (file, _):
        file.snapshot(many(1))
        for _ in range(100):
            file.append(list(many(1).items()))
        assert not file.bloated


def test_a_file_that_another_has_replaced_or_removed_is_missed(tmp_path: Path) -> None:
    """What is appended to it would be lost."""
    with opened(tmp_path / "s") as (file, _):
        file.snapshot(many(1))
        (tmp_path / "s").unlink()
        file.append(list(many(1).items()))
        with pytest.raises(FileNotFoundError):
            file.sync()
        (tmp_path / "s").touch()
        with pytest.raises(FileNotFoundError, match="another file"):
            file.sync()
        file.snapshot(many(2))
        file.sync()
    with opened(tmp_path / "s") as (_, kept):
        assert kept == many(2)


def test_nothing_is_appended_before_a_snapshot(tmp_path: Path) -> None:
    """The end of the file may be torn."""
    with opened(tmp_path / "s") as (file, _):
        with pytest.raises(FileNotFoundError):
            file.append(list(many(1).items()))
        file.sync()


def test_what_a_killed_snapshot_left_is_no_hindrance(tmp_path: Path) -> None:
    """And the old file counts."""
    with opened(tmp_path / "s") as (file, _):
        file.snapshot(many(1))
    (tmp_path / "s.new").write_bytes(HEADER[:10])
    with opened(tmp_path / "s") as (file, kept):
        assert kept == many(1)
        file.snapshot(many(2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s", "s.lock"]


def test_a_snapshot_that_does_not_fit_leaves_the_old_file(tmp_path: Path) -> None:
    """As a full disk would refuse it."""
    with opened(tmp_path / "s") as (file, _):
        file.snapshot(many(3))
    before = (tmp_path / "s").read_bytes()
    code = f"""
import resource, sys
from pathlib import Path
from healthmon.engine.state_file import StateFile
from tests.engine.test_state_file import many
file, kept, _ = StateFile.open(Path({str(tmp_path / "s")!r}))
assert len(kept) == 3
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    file.snapshot(many(1000))
except OSError as error:
    print(error.strerror)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == os.strerror(errno.EFBIG) + "\n"
    assert (tmp_path / "s").read_bytes() == before
    assert not (tmp_path / "s.new").exists()


def test_a_full_disk_is_an_error_and_space_ends_it(small_disk: Path) -> None:
    """The line that was torn when the space ran out is passed over."""
    with opened(small_disk) as (file, _):
        file.snapshot(many(10))
        with (small_disk / "other").open("wb", buffering=0) as other:
            fill(other)
        written = 0
        with contextlib.suppress(OSError):
            while True:
                file.append([(f"service-{written}", Kept("f", DOWN))])
                written += 1
    with opened(small_disk) as (file, kept):
        assert kept == {**many(10), **many(written, DOWN)}
        (small_disk / "other").unlink()
        file.snapshot(many(11))
        file.append(list(many(12).items()))
    with opened(small_disk) as (_, kept):
        assert kept == many(12)


def fill(file: io.FileIO) -> None:
    """Write until there is no room for another byte."""
    for size in (4096, 1):
        with contextlib.suppress(OSError):
            while file.write(b"x" * size):
                pass


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "healthmon-test", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


# What a process leaves that is killed at any moment.


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_a_torn_last_line_is_passed_over(data: st.DataObject) -> None:
    """Wherever the file ends, all whole lines before count, and nothing is said to be damaged."""
    changes = data.draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([UP, DOWN])), max_size=4))
    parts = [HEADER, *(line(name, Kept("f", state)) for name, state in changes)]
    content = b"".join(parts)
    for end in range(len(content) + 1):
        whole = content[:end].count(b"\n") - 1
        expected = {name: Kept("f", state) for name, state in changes[: max(0, whole)]}
        assert read(content[:end]) == (expected, None)


WRITER = """
import os, sys
from pathlib import Path
from healthmon.core.model import Verdict
from healthmon.core.state import State
from healthmon.engine.state_file import StateFile
from healthmon.engine.state_lines import Kept
file, kept, _ = StateFile.open(Path(sys.argv[1]))
number = max((int(kept.state.message) for kept in kept.values()), default=0)
latest = dict(kept)
file.snapshot(latest)
while True:
    number += 1
    name = f"service-{number % 7}"
    latest[name] = Kept("f", State(message=str(number)))
    file.append([(name, latest[name])])
    os.write(1, b"%d\\n" % number)
    if number % 50 == 0:
        file.snapshot(latest)
"""


def test_sigkill_at_any_moment_loses_nothing_that_was_told(tmp_path: Path) -> None:
    """Many times, each going on where the last was killed; snapshots are taken all the time."""
    told = 0
    for kill in range(35):
        with subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            # Killed after so many lines have been told, while it goes on writing: at a moment that nobody chose.
            for _ in range(1 + 7 * kill % 60):
                first = writer.stdout.readline()
            assert int(first) > told
            writer.send_signal(signal.SIGKILL)
            numbers = writer.stdout.read().split(b"\n")[:-1]
            told = int(numbers[-1] if numbers else first)
        file, kept, notices = StateFile.open(tmp_path)
        file.close()
        assert notices == []
        written = {int(kept.state.message) for kept in kept.values()}
        # Killed between the file and the telling, it has written one more than it told.
        assert max(written) in (told, told + 1)
        last = max(written)
        assert written == set(range(max(1, last - 6), last + 1))
        told = last
    assert not list(tmp_path.glob("*corrupt*"))


# Damage.


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damage_is_found_or_does_no_harm(data: st.DataObject) -> None:
    """Whatever bytes are changed, put in or taken out, no state is taken that was not written."""
    names = [f"service-{number}" for number in range(6)]
    content = bytearray(HEADER + b"".join(line(name, Kept("f", DOWN)) for name in names))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    kept, fault = read(bytes(content))
    assert set(kept) <= set(names)
    assert all(one == Kept("f", DOWN) for one in kept.values())
    if fault is None:
        # All is there, but for the end, which may be torn.
        assert len(kept) >= content.count(b"\n") - 1
        assert list(kept) == names[: len(kept)]


@given(st.binary(max_size=200))
def test_anything_can_be_read(content: bytes) -> None:
    """It is empty, damaged, or only a torn line."""
    kept, fault = read(content)
    assert kept == {}
    assert (fault is None) == (b"\n" not in content)


def aside_of(path: Path) -> Path:
    """The one file that was set aside."""
    (aside,) = path.parent.glob(f"{path.name}.corrupt-*")
    return aside


def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_used(tmp_path: Path) -> None:
    """Also if the process is killed right after."""
    path = tmp_path / "s"
    path.write_bytes(HEADER + line("a", Kept("f", UP)) + line("b", Kept("f", UP))[5:] + line("c", Kept("f", DOWN)))
    damaged = path.read_bytes()
    file, kept, (notice,) = StateFile.open(path)
    file.close()
    assert kept == {"a": Kept("f", UP), "c": Kept("f", DOWN)}
    aside = aside_of(path)
    assert notice == Notice(
        Severity.ERROR,
        "state_corrupt",
        f"The state file {path} is damaged; it is now {aside}, and the states of 2 services could be read and are "
        "used.",
        {"file": str(path), "kept": 2, "aside": str(aside)},
    )
    assert aside.read_bytes() == damaged
    with opened(path) as (_, again):
        assert again == kept


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (b'{"format":"healthmon-state","version":2}', "is of another version of healthmon (format 2, expected 1)"),
        (b'{"format":"something","version":1}', "is damaged"),
        (b"[]", "is damaged"),
        (b"[" * 100_000, "is damaged"),
    ],
)
def test_a_strange_header_sets_the_file_aside(tmp_path: Path, header: bytes, fault: str) -> None:
    """The states of another version may mean something else."""
    from zlib import crc32

    path = tmp_path / "s"
    path.write_bytes(b'{"crc":"%08x",' % crc32(header[1:]) + header[1:] + b"\n")
    file, kept, (notice,) = StateFile.open(path)
    file.close()
    assert kept == {}
    assert notice.message == f"The state file {path} {fault}; it is now {aside_of(path)}, and no state could be read."


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """The config, and any other that healthmon did not write; and it is not locked."""
    config, notes = tmp_path / "services.toml", tmp_path / "notes"
    config.write_text('# healthmon reads {"crc": "this"}\n')
    notes.write_text("Do not forget.\n")
    with pytest.raises(UsageError, match="one of the config's own files"):
        StateFile.open(config, [str(tmp_path / "none.toml"), str(config)])
    with pytest.raises(UsageError, match="healthmon did not write this file"):
        StateFile.open(notes, [str(config)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes", "services.toml"]


def test_two_files_set_aside_within_a_second_have_two_names(tmp_path: Path) -> None:
    """None is overwritten."""
    path = tmp_path / "s"
    for number in range(3):
        path.write_bytes(b'{"crc":"garbage %d\n' % number)
        with opened(path, notices=["state_corrupt"]):
            pass
    contents = {aside.read_bytes() for aside in tmp_path.glob("s.corrupt-*")}
    assert contents == {b'{"crc":"garbage %d\n' % number for number in range(3)}


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is renamed."""

    def refused(_: Path, __: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refused)
    path = tmp_path / "s"
    path.write_bytes(b'{"crc":"garbage\n')
    with opened(path, notices=["state_corrupt"]):
        assert aside_of(path).read_bytes() == b'{"crc":"garbage\n'
        assert path.read_bytes() == HEADER


def test_a_read_only_file_system_lets_the_daemon_start(small_disk: Path) -> None:
    """With what was kept, and the damage told as well as it can be."""
    with opened(small_disk) as (file, _):
        file.snapshot(many(3))
    (small_disk / "damaged").write_bytes(b'{"crc":"garbage\n')
    (small_disk / "damaged.lock").touch()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with opened(small_disk) as (file, kept):
        assert kept == many(3)
        with pytest.raises(OSError, match=os.strerror(errno.EROFS)):
            file.snapshot(kept)
    file, kept, (notice,) = StateFile.open(small_disk / "damaged")
    file.close()
    assert notice.message == (
        f"The state file {small_disk}/damaged is damaged, and could not be set aside (Read-only file system); "
        "no state could be read."
    )


# What is still believed.


def test_only_services_that_are_checked_as_they_were_are_restored() -> None:
    """Others begin anew."""
    brain, redis, saleor = service("brain"), service("redis"), service("saleor")
    kept = {
        "brain": Kept(fingerprint(brain), DOWN),
        "redis": Kept(fingerprint(service("redis", failure_threshold=5)), DOWN),
        "gone": Kept("f", DOWN),
    }
    assert restored_states([brain, redis, saleor], kept, now=1_769_860_900.0) == {"brain": DOWN}


def test_what_lies_in_the_future_is_taken_for_now() -> None:
    """The clock was set back while the daemon was stopped. Changes tell nothing then, least of all that it flaps."""
    brain = service("brain")
    kept = {"brain": Kept(fingerprint(brain), DOWN)}
    (state,) = restored_states([brain], kept, now=1_769_860_100.0).values()
    assert (state.since, state.first_check) == (1_769_860_100.0, 1_769_860_000.5)
    assert state.changes == (1_769_860_100.0,)
    kept = {"brain": Kept(fingerprint(brain), State(changes=(90.0, 100.0, 101.0, 200.0)))}
    assert restored_states([brain], kept, now=100.0) == {"brain": State(changes=(90.0, 100.0))}
    kept = {"brain": Kept(fingerprint(brain), State())}
    assert restored_states([brain], kept, now=5.0) == {"brain": State()}


def test_the_limit_of_file_sizes_is_an_error_and_no_signal() -> None:
    """Python ignores SIGXFSZ, which the tests above rely on."""
    assert signal.getsignal(signal.SIGXFSZ) is signal.SIG_IGN
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] != 0
