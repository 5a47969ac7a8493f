"""The file that keeps what is believed of the services while the daemon is not running.

A header and then one line a change, each a JSON object that begins with the CRC-32 of the rest; the last line of an id
counts. Lines are only ever appended, so that a line which was torn, by SIGKILL or a power cut, is the last one. When
most of the lines no longer count, a new file with those that do takes the old one's place.
"""

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from msgspec import structs

from healthmon.core.identity import fingerprint
from healthmon.core.model import Scalar, Service
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import State
from healthmon.engine.foreign import refuse_foreign
from healthmon.engine.state_lines import HEADER, Kept, line, read
from healthmon.engine.state_lock import locked
from healthmon.engine.whole_file import leads_to, set_aside, sync_folder, write_all
from healthmon.errors import UsageError

NAME = "state.jsonl"
"""The name of the file where only its folder is given, as ``$STATE_DIRECTORY`` gives it."""

_FLOOR = 10**6  # bytes: a file below it is never too large
_STALE = 4  # times as many lines as there are services


class StateFile:
    """A state file that this process alone has. Open it with `open`; what is written first must be a snapshot.

    No method but `open` and `close` may be called in the event loop: they wait for the disk.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self._path = path
        self._lock = lock
        self._file: int | None = None
        self._size = 0
        self._lines = 0
        self._live: set[str] = set()

    @classmethod
    def open(cls, path: Path, config_files: Iterable[str] = ()) -> tuple[Self, dict[str, Kept], list[Notice]]:
        """Lock the file and read what it keeps.

        One that cannot be read as a whole is set aside, and replaced by what could be read of it.

        Args:
            path: The file, which need not be there, or an existing folder for it.
            config_files: The files of the config, none of which it may be.

        Returns:
            The file, what was kept by service id, and what there is to say about it.

        Raises:
            LockHeld: Another process has it.
            UsageError: It cannot be opened, or is somebody else's.
        """
        try:
            path = leads_to(path / NAME if path.is_dir() else path)
            if path.exists() and not path.is_file():
                raise UsageError(f"--state {path}: not a file. Name a file, or a folder to keep one in.")
            refuse_foreign("--state", path, config_files)
            lock = locked(path)
            try:
                content = path.read_bytes() if path.exists() else b""
            except BaseException:
                os.close(lock)
                raise
        except OSError as error:
            message = f"--state {path}: {error.strerror}. Name a file in a folder that you may write to."
            raise UsageError(message) from error
        file, (kept, fault) = cls(path, lock), read(content)
        return file, kept, [] if fault is None else [file._set_aside(kept, fault)]

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    @property
    def bloated(self) -> bool:
        """Whether most of it no longer counts, so that a snapshot is due."""
        return self._size > _FLOOR and self._lines > _STALE * len(self._live)

    def append(self, changes: Sequence[tuple[str, Kept]]) -> None:
        """Write changes: service ids and what is to be kept of them. They survive the process, but see `sync`.

        Raises:
            OSError: They could not be written; only a snapshot makes the file right again.
        """
        if self._file is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))
        self._size += write_all(self._file, b"".join(line(service, kept) for service, kept in changes))
        self._lines += len(changes)
        self._live.update(service for service, _ in changes)

    def sync(self) -> None:
        """Have what was written survive a power cut.

        Raises:
            OSError: It does not, or the file is no longer where it was; only a snapshot makes it right again.
        """
        if self._file is not None:
            os.fdatasync(self._file)
            if not os.path.samestat(os.fstat(self._file), self._path.stat()):
                raise FileNotFoundError(errno.ENOENT, "another file has taken its place", str(self._path))

    def snapshot(self, states: Mapping[str, Kept]) -> None:
        """Have the file keep these states and no others: the old file is there until the new one is complete.

        Raises:
            OSError: It could not be written; the old one stands as it was.
        """
        # A name of its own would be left behind by each SIGKILL. The lock keeps others away from this one.
        new = self._path.with_name(f"{self._path.name}.new")
        self._forget()
        with suppress(FileNotFoundError):
            new.unlink()
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = write_all(file, HEADER + b"".join(line(service, kept) for service, kept in states.items()))
            os.fsync(file)
            new.replace(self._path)
        except OSError:
            os.close(file)
            with suppress(OSError):
                new.unlink()
            raise
        self._file, self._size, self._lines, self._live = file, size, len(states), set(states)
        sync_folder(self._path.parent)

    def close(self) -> None:
        """Let another process have the file."""
        self._forget()
        os.close(self._lock)

    def _forget(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _set_aside(self, kept: Mapping[str, Kept], fault: str) -> Notice:
        details: dict[str, Scalar] = {"file": str(self._path), "kept": len(kept)}
        used = f"the states of {len(kept)} services could be read and are used" if kept else "no state could be read"
        try:
            aside = set_aside(self._path)
            # At once: what was read must not be lost if the process ends before its first change.
            self.snapshot(kept)
        except OSError as error:
            message = f"The state file {self._path} {fault}, and could not be set aside ({error.strerror}); {used}."
            return Notice(Severity.ERROR, "state_corrupt", message, details)
        message = f"The state file {self._path} {fault}; it is now {aside}, and {used}."
        return Notice(Severity.ERROR, "state_corrupt", message, {**details, "aside": str(aside)})


def state_path(text: str) -> Path:
    """The path that a text means. With a slash at its end it is a folder: one for this user is made if there is none.

    Raises:
        UsageError: The folder cannot be made.
    """
    path = Path(text)
    if text.endswith("/"):
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"--state {text}: {error.strerror}. Name a folder that you may write to."
            raise UsageError(message) from error
    return path


def restored_states(services: Iterable[Service], kept: Mapping[str, Kept], *, now: float) -> dict[str, State]:
    """What is still to be believed: the states of services that are checked as they were.

    Args:
        services: The services of the config.
        kept: What a state file kept, by service id.
        now: The time by both clocks; the steady one begins as the wall clock of the moment at which the process
            starts. What lies behind it, because a clock was set back, is taken for now; changes that do are forgotten.
    """
    return {
        service.id: _not_after(found.state, now)
        for service in services
        if (found := kept.get(service.id)) is not None and found.fingerprint == fingerprint(service)
    }


def _not_after(state: State, now: float) -> State:
    # Of changes that lie ahead nothing is known; taken for now, they would be a service that flaps.
    return structs.replace(
        state,
        since=None if state.since is None else min(state.since, now),
        first_check=None if state.first_check is None else min(state.first_check, now),
        changes=tuple(change for change in state.changes if change <= now),
    )
