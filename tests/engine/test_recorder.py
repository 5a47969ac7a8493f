"""Recording: real files and pipes, one that nobody reads, one that nobody will read, disks that fail and hang."""

import contextlib
import errno
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from healthmon.core.identity import fingerprint
from healthmon.core.model import Service, Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import State, Transition, Watched
from healthmon.engine.backlog import Event
from healthmon.engine.contract import Skip
from healthmon.engine.recorder import Recorder
from healthmon.engine.state_file import StateFile
from healthmon.engine.state_lines import Kept, read
from healthmon.errors import LockHeld
from tests.make import result, service

BRAIN = service("brain")
DEADLINE = 60.0


def watched(*services: Service, state: State = State()) -> list[Watched]:  # noqa: B008 - frozen
    """Services as they are watched."""
    return [Watched(service=one, state=state, result=None) for one in services]


def numbered(number: int) -> State:
    """A state that can be told from others."""
    return State(verdict=Verdict.DOWN, message=str(number))


def transition(number: int, owner: Service = BRAIN) -> Transition:
    """A transition that can be told from others."""
    met = result(verdict=Verdict.DOWN, service=owner, message=str(number))
    return Transition(
        service=owner,
        before=Verdict.UP,
        after=Verdict.DOWN,
        at=0.0,
        lasted=None,
        result=met,
        blocked_by=None,
        flapping=False,
    )


def change(recorder: Recorder, number: int, owner: Service = BRAIN) -> None:
    """Tell of a change as the daemon does."""
    told = transition(number, owner)
    recorder.checked(told.result, numbered(number - 1), numbered(number), 0)
    recorder.changed(told)


def render(event: Event, told: float) -> bytes:
    """The number of a transition, the name of a notice, the service of a check."""
    if isinstance(event, Transition):
        return f"{event.result.message}\n".encode()
    if isinstance(event, Notice):
        return f"{event.event}\n".encode()
    return f"check {event.service.id} {told:g}\n".encode()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something has become true."""
    ends = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < ends
        threading.Event().wait(0.002)


class Log:
    """A pipe that is the log."""

    def __init__(self) -> None:
        self.source, self.sink = os.pipe()
        self._rest = b""

    def line(self) -> str:
        """The next line, waited for."""
        while b"\n" not in self._rest:
            assert select.select([self.source], [], [], DEADLINE)[0], "no line came"
            self._rest += os.read(self.source, 65536)
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode()

    def lines_until(self, last: str) -> list[str]:
        """All lines up to this one."""
        lines = [self.line()]
        while lines[-1] != last:
            lines.append(self.line())
        return lines

    def fill(self) -> None:
        """Leave no room for another byte."""
        os.set_blocking(self.sink, False)
        for size in (4096, 1):
            with contextlib.suppress(BlockingIOError):
                while os.write(self.sink, b"x" * (size - 1) + b"\n"):
                    pass
        os.set_blocking(self.sink, True)

    def drain(self) -> None:
        """Read what it was filled with."""
        while self.line().strip("x") == "":
            pass

    def close(self) -> None:
        """Nobody reads it any more, and nobody writes."""
        for descriptor in (self.source, self.sink):
            with contextlib.suppress(OSError):
                os.close(descriptor)


@pytest.fixture
def log() -> Iterator[Log]:
    """A pipe that is the log."""
    log = Log()
    yield log
    log.close()


@pytest.fixture
def recording(log: Log) -> Iterator[Callable[..., Recorder]]:
    """Makes recorders that are closed in the end."""
    made: list[Recorder] = []

    def make(**keys: Any) -> Recorder:
        recorder = Recorder(keys.pop("stream", log.sink), keys.pop("render", render), retry=0.01, **keys)
        made.append(recorder)
        return recorder

    yield make
    for recorder in made:
        recorder.close(0.0)


def is_free(path: Path) -> bool:
    """Whether a state file can be opened."""
    try:
        file, _, _ = StateFile.open(path)
    except LockHeld:
        return False
    file.close()
    return True


def states(path: Path) -> Mapping[str, State]:
    """What a state file holds now, while it may be written."""
    kept, fault = read(path.read_bytes())
    assert fault is None
    return {service: one.state for service, one in kept.items()}


def test_a_state_is_in_the_file_before_its_transition_is_in_the_log(
    log: Log, recording: Callable[..., Recorder], tmp_path: Path
) -> None:
    """For every transition."""
    file, _, _ = StateFile.open(tmp_path)
    recorder = recording(state_file=file)
    recorder.watching(watched(BRAIN))
    for number in range(1, 501):
        change(recorder, number)
    for number in range(1, 501):
        assert log.line() == str(number)
        assert int(states(file.path)["brain"].message) >= number
    assert recorder.close(DEADLINE)
    assert states(tmp_path / "state.jsonl") == {"brain": numbered(500)}


RECORDING = """
import sys
from pathlib import Path
from healthmon.engine.recorder import Recorder
from healthmon.engine.state_file import StateFile
from tests.engine.test_recorder import BRAIN, change, render, watched
file, kept, notices = StateFile.open(Path(sys.argv[1]))
assert notices == []
number = int(kept["brain"].state.message) if kept else 0
recorder = Recorder(1, render, state_file=file, limit=1000)
recorder.watching(watched(BRAIN, state=kept["brain"].state) if kept else watched(BRAIN))
while True:
    number += 1
    change(recorder, number)
"""


def test_sigkill_at_any_moment_leaves_what_was_told_last(tmp_path: Path) -> None:
    """More is told than can be written, so that there are drops and new files all the time."""
    last = 0
    for kill in range(15):
        with subprocess.Popen([sys.executable, "-c", RECORDING, tmp_path], stdout=subprocess.PIPE) as process:
            assert process.stdout
            for _ in range(1 + 37 * kill % 300):
                first = process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            lines = [first, *process.stdout.read().splitlines(keepends=True)]
        told = max(int(line) for line in lines if line.strip().isdigit() and line.endswith(b"\n"))
        file, kept, notices = StateFile.open(tmp_path)
        file.close()
        assert notices == []
        assert int(kept["brain"].state.message) >= told > last
        last = told


def test_a_log_that_nobody_reads_holds_up_nothing(log: Log, recording: Callable[..., Recorder], tmp_path: Path) -> None:
    """Neither the caller, nor the states, nor the end."""
    dropped: Counter[str] = Counter()
    file, _, _ = StateFile.open(tmp_path)
    log.fill()
    recorder = recording(state_file=file, dropped=lambda sink, count: dropped.update({sink: count}), limit=1000)
    recorder.watching(watched(BRAIN))
    for number in range(1, 5001):
        change(recorder, number)
    wait_for(lambda: states(file.path).get("brain") == numbered(5000))
    assert dropped["log"] == 4000
    begun = time.monotonic()
    assert not recorder.close(0.2)
    assert time.monotonic() - begun < 5.0
    wait_for(lambda: is_free(tmp_path))
    file, kept, _ = StateFile.open(tmp_path)
    file.close()
    assert kept == {"brain": Kept(fingerprint(BRAIN), numbered(5000))}


def test_when_the_log_flows_again_it_says_what_is_missing(log: Log, recording: Callable[..., Recorder]) -> None:
    """The latest lines are there, in order, and how many are not."""
    log.fill()
    recorder = recording(limit=100)
    for number in range(1, 151):
        recorder.changed(transition(number))
    log.drain()
    rest = log.lines_until("log_dropped")
    # The one that ended the draining came before.
    assert rest == [*(str(number) for number in range(52, 151)), "log_dropped"]
    recorder.changed(transition(151))
    assert log.line() == "151"
    assert recorder.close(DEADLINE)


def test_what_is_dropped_is_said_with_its_number(log: Log, recording: Callable[..., Recorder]) -> None:
    """In the notice's details, too."""
    log.fill()
    notices: list[Notice] = []

    def remember(event: Event, told: float) -> bytes:
        if isinstance(event, Notice):
            notices.append(event)
        return render(event, told)

    recorder = recording(limit=10, render=remember)
    for number in range(1, 16):
        recorder.changed(transition(number))
    log.drain()
    log.lines_until("log_dropped")
    message = "5 lines of this log were dropped: it was not read, or not written, fast enough."
    assert notices == [Notice(Severity.WARNING, "log_dropped", message, {"lines": 5})]


def test_a_long_line_that_is_read_slowly_stays_whole(log: Log, recording: Callable[..., Recorder]) -> None:
    """It is longer than a pipe takes at once."""
    recorder = recording(render=lambda event, told: b"y" * 300_000 + render(event, told))
    recorder.changed(transition(1))
    recorder.changed(transition(2))
    assert log.line() == "y" * 300_000 + "1"
    assert log.line() == "y" * 300_000 + "2"
    assert recorder.close(DEADLINE)


def test_a_log_that_somebody_made_non_blocking(log: Log, recording: Callable[..., Recorder]) -> None:
    """As programs do that share it."""
    os.set_blocking(log.sink, False)
    recorder = recording(render=lambda event, told: b"y" * 300_000 + render(event, told))
    recorder.changed(transition(1))
    assert log.line() == "y" * 300_000 + "1"
    assert recorder.close(DEADLINE)


def test_a_reader_that_has_gone_away_is_no_loss(log: Log, recording: Callable[..., Recorder], tmp_path: Path) -> None:
    """Nobody wants to know; states are kept on."""
    os.close(log.source)
    dropped: list[tuple[str, int]] = []
    file, _, _ = StateFile.open(tmp_path)
    recorder = recording(state_file=file, dropped=lambda sink, count: dropped.append((sink, count)))
    recorder.watching(watched(BRAIN))
    for number in range(1, 11):
        change(recorder, number)
    assert recorder.close(DEADLINE)
    assert states(tmp_path / "state.jsonl") == {"brain": numbered(10)}
    assert dropped == []


def test_lines_that_a_full_disk_refuses_are_counted(recording: Callable[..., Recorder]) -> None:
    """And nothing more is said into it of them."""
    dropped: Counter[str] = Counter()
    full = os.open("/dev/full", os.O_WRONLY)
    recorder = recording(stream=full, dropped=lambda sink, count: dropped.update({sink: count}))
    recorder.changed(transition(1))

    def counted() -> bool:
        recorder.noticed(Notice(Severity.INFO, "again", ""))
        return dropped["log"] >= 2

    wait_for(counted)
    assert recorder.close(DEADLINE)
    os.close(full)


def test_a_fault_in_one_line_does_not_end_the_log(log: Log, recording: Callable[..., Recorder]) -> None:
    """It is said in its place."""

    def faulty(event: Event, told: float) -> bytes:
        if isinstance(event, Transition):
            raise ZeroDivisionError
        return render(event, told)

    recorder = recording(render=faulty)
    recorder.changed(transition(1))
    recorder.noticed(Notice(Severity.INFO, "after", ""))
    assert [log.line(), log.line()] == ["log_failed", "after"]


def test_a_folder_that_goes_and_comes_back(log: Log, recording: Callable[..., Recorder], tmp_path: Path) -> None:
    """Is told once each, and the file is right again with what changed meanwhile."""
    folder = tmp_path / "folder"
    folder.mkdir()
    file, _, _ = StateFile.open(folder)
    recorder = recording(state_file=file)
    recorder.watching(watched(BRAIN))
    change(recorder, 1)
    assert log.line() == "1"
    folder.rename(tmp_path / "elsewhere")
    change(recorder, 2)
    assert log.lines_until("state_failed")[-1] == "state_failed"
    change(recorder, 3)
    log.lines_until("3")
    folder.mkdir()
    assert log.line() == "state_recovered"
    assert states(folder / "state.jsonl") == {"brain": numbered(3)}
    change(recorder, 4)
    assert recorder.close(DEADLINE)
    assert states(folder / "state.jsonl") == {"brain": numbered(4)}


class FailingFile:
    """A state file on a disk that does as it is told: fail with an error, or hang until it is let go."""

    path = Path("/var/lib/healthmon/state.jsonl")
    bloated = False

    def __init__(self) -> None:
        self.error: OSError | None = None
        self.going = threading.Event()
        self.going.set()
        self.attempts = 0
        self.written: dict[str, Kept] = {}
        self.closed = False

    def append(self, changes: list[tuple[str, Kept]]) -> None:
        """Write changes."""
        self._attempt()
        self.written.update(changes)

    def snapshot(self, states: Mapping[str, Kept]) -> None:
        """Write all."""
        self._attempt()
        self.written = dict(states)

    def sync(self) -> None:
        """Have it last."""
        self._attempt()

    def close(self) -> None:
        """End."""
        self.closed = True

    def _attempt(self) -> None:
        self.attempts += 1
        self.going.wait()
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "No space left on device; free some space there"),
        (errno.EROFS, "Read-only file system; make its file system writable again"),
        (errno.ENOENT, "No such file or directory; make its folder again"),
        (errno.EIO, "Input/output error; check its disk"),
    ],
)
def test_a_failing_disk_is_told_with_its_remedy(
    log: Log, recording: Callable[..., Recorder], number: int, remedy: str
) -> None:
    """Once, however often it fails; it is tried again without haste, and once more at the end."""
    told: list[Notice] = []

    def remember(event: Event, at: float) -> bytes:
        if isinstance(event, Notice):
            told.append(event)
        return render(event, at)

    file = FailingFile()
    file.error = OSError(number, os.strerror(number))
    recorder = recording(state_file=file, render=remember)
    recorder.watching(watched(BRAIN))
    for count in range(1, 20):
        change(recorder, count)
    wait_for(lambda: file.attempts >= 4)
    assert file.attempts < 20
    file.error = None
    change(recorder, 20)
    assert recorder.close(DEADLINE)
    assert file.written == {"brain": Kept(fingerprint(BRAIN), numbered(20))}
    assert file.closed
    path = FailingFile.path
    consequence = "Checks go on, but a restart now would begin with older states."
    message = f"The state file {path} cannot be written: {remedy}. {consequence}"
    assert [(notice.severity, notice.event, notice.message) for notice in told] == [
        (Severity.ERROR, "state_failed", message),
        (Severity.INFO, "state_recovered", f"The state file {path} is written again, and holds all states."),
    ]
    assert {notice.details["file"] for notice in told} == {str(path)}


def test_a_disk_that_hangs_holds_up_only_what_is_written(log: Log, recording: Callable[..., Recorder]) -> None:
    """When it goes on, all states are written anew, and it is said that there were too many."""
    dropped: Counter[str] = Counter()
    file = FailingFile()
    file.going.clear()
    recorder = recording(state_file=file, dropped=lambda sink, count: dropped.update({sink: count}), limit=10)
    recorder.watching(watched(BRAIN))
    wait_for(lambda: file.attempts == 1)
    for number in range(1, 101):
        change(recorder, number)
    assert dropped == {"state": 90, "log": 90}
    begun = time.monotonic()
    file.going.set()
    assert log.lines_until("state_dropped") == [
        *(str(number) for number in range(91, 101)),
        "log_dropped",
        "state_dropped",
    ]
    assert recorder.close(DEADLINE)
    assert time.monotonic() - begun < DEADLINE
    assert file.written == {"brain": Kept(fingerprint(BRAIN), numbered(100))}


def test_a_disk_that_hangs_does_not_hold_up_the_end(recording: Callable[..., Recorder]) -> None:
    """What is not written by then is not written."""
    file = FailingFile()
    file.going.clear()
    recorder = recording(state_file=file)
    recorder.watching(watched(BRAIN))
    change(recorder, 1)
    begun = time.monotonic()
    assert not recorder.close(0.1)
    assert time.monotonic() - begun < 5.0
    assert not file.closed
    file.going.set()
    wait_for(lambda: file.closed)


def test_a_file_full_of_what_no_longer_counts_is_written_anew(
    log: Log, recording: Callable[..., Recorder], tmp_path: Path
) -> None:
    """While it goes on: of 10 MB that were told, it never holds half, and what it holds at the end is right."""
    file, _, _ = StateFile.open(tmp_path)
    recorder = recording(state_file=file, limit=100_000)
    recorder.watching(watched(BRAIN))

    def size_so_far() -> int:
        """Of the file, when all that was told is in it. It may be written anew at any moment after that."""
        recorder.noticed(Notice(Severity.INFO, "so_far", ""))
        assert log.line() == "so_far"
        return file.path.stat().st_size

    sizes = [size_so_far()]
    for number in range(1, 10_001):
        state = State(message="x" * 1000 + str(number))
        recorder.checked(result(service=BRAIN), State(), state, 0)
        if number % 500 == 0:
            sizes.append(size_so_far())
    assert recorder.close(DEADLINE)
    assert sizes[0] < 500 * 1000 < sizes[1], "nothing is written anew while the file is small"
    assert max(sizes) < 5 * 10**6
    assert states(file.path) == {"brain": state}


def test_only_what_is_watched_is_kept(recording: Callable[..., Recorder], tmp_path: Path) -> None:
    """With what is believed of it so far; one of which nothing is known takes no line."""
    file, _, _ = StateFile.open(tmp_path)
    recorder = recording(state_file=file)
    redis, saleor = service("redis"), service("saleor")
    recorder.watching([*watched(BRAIN, redis, state=numbered(1)), *watched(saleor)])
    recorder.checked(result(service=redis), numbered(1), numbered(2), 0)
    recorder.watching([*watched(redis, state=numbered(2)), *watched(saleor)])
    recorder.checked(result(service=BRAIN), numbered(1), numbered(3), 0)
    assert recorder.close(DEADLINE)
    file, kept, _ = StateFile.open(tmp_path)
    file.close()
    assert kept == {"redis": Kept(fingerprint(redis), numbered(2))}


def test_a_state_that_stays_takes_no_line(recording: Callable[..., Recorder], tmp_path: Path) -> None:
    """The file does not grow with the checks."""
    file, _, _ = StateFile.open(tmp_path)
    recorder = recording(state_file=file)
    recorder.watching(watched(BRAIN, state=numbered(1)))
    for _ in range(10):
        recorder.checked(result(service=BRAIN), numbered(1), numbered(1), 0)
    assert recorder.close(DEADLINE)
    assert file.path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("log_checks", [False, True])
def test_checks_are_logged_where_that_is_asked_for(
    log: Log, recording: Callable[..., Recorder], *, log_checks: bool
) -> None:
    """And not kept, where no file is given."""
    recorder = recording(log_checks=log_checks, wall=lambda: 7.0)
    recorder.watching(watched(BRAIN))
    recorder.started(BRAIN, 0.0, 1)
    recorder.skipped(BRAIN, Skip.RUNNING, 1)
    recorder.checked(result(service=BRAIN), State(), numbered(1), 0)
    recorder.noticed(Notice(Severity.INFO, "last", ""))
    assert recorder.close(DEADLINE)
    assert log.lines_until("last") == [*(["check brain 7"] if log_checks else []), "last"]


def test_what_is_told_after_the_end_is_no_error(recording: Callable[..., Recorder]) -> None:
    """Closing twice is none either."""
    recorder = recording()
    assert recorder.close(DEADLINE)
    recorder.changed(transition(1))
    assert not recorder.close(DEADLINE)


def test_an_idle_recorder_takes_no_time(recording: Callable[..., Recorder], log: Log) -> None:
    """Neither while nothing happens, nor while nobody reads what happened."""
    log.fill()
    recorder = recording()
    recorder.changed(transition(1))
    begun = time.process_time()
    threading.Event().wait(0.3)
    assert time.process_time() - begun < 0.1
    log.drain()
    assert recorder.close(DEADLINE)
