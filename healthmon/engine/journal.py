"""The file in which a rollout writes down what it does, as it does it: lines of JSON, appended, never changed.

Each line begins with the CRC-32 of the rest. A line that was torn, by SIGKILL or a power cut, is the last one, and is
taken away by the next process that writes.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from healthmon.core.journal import AnyEntry, JournalEntry, Output
from healthmon.core.wording import counted
from healthmon.engine import foreign
from healthmon.engine.sealed import could_begin, opened, sealed
from healthmon.engine.whole_file import leads_to, replace, set_aside, sync_folder, write_all
from healthmon.errors import HealthmonError, UsageError

_DECODER: msgspec.json.Decoder[AnyEntry] = msgspec.json.Decoder(AnyEntry)


class JournalFailed(HealthmonError):
    """Raised when the journal cannot be written: then nothing more may be begun."""


def read(content: bytes) -> tuple[list[tuple[bytes, AnyEntry]], int]:
    """What a journal tells, each entry with its line; and how many lines are damaged.

    What comes after the last line feed was being written when the process was killed, if it begins as lines do: it is
    passed over.
    """
    *lines, torn = content.split(b"\n")
    found: list[tuple[bytes, AnyEntry]] = []
    damaged = int(not could_begin(torn))
    for line in lines:
        try:
            found.append((line, _DECODER.decode(opened(line))))
        except (ValueError, RecursionError):
            damaged += 1
    return found, damaged


def peek(path: Path) -> tuple[list[AnyEntry], str | None]:
    """What a journal tells, and what is wrong with it, without touching it; nothing where there is none.

    Raises:
        UsageError: It cannot be read.
    """
    path, content = _content(path)
    found, damaged = read(content)
    problem = f"{_damaged(path, damaged)}, and {_the_others(found)} count." if damaged else None
    return [entry for _, entry in found], problem


class Journal:
    """An open journal. Only one process at a time may have it open: it must hold a lock.

    Attributes:
        path: Where it is.
        entries: What it told when it was opened.
        problem: What was wrong with it, for people; None where nothing was.
    """

    def __init__(self, path: Path, file: int, entries: Sequence[AnyEntry], problem: str | None) -> None:
        self.path = path
        self.entries = entries
        self.problem = problem
        self._file = file
        self._failed: str | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a journal, and open it to be written. One that is damaged is set aside; what could be read counts.

        Args:
            path: The file, which need not be there.

        Raises:
            UsageError: It cannot be opened.
        """
        path, content = _content(path)
        found, damaged = read(content)
        problem = _set_aside(path, [line for line, _ in found], damaged) if damaged else None
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error
        _take_away_torn_line(file)
        sync_folder(path.parent)
        return cls(path, file, [entry for _, entry in found], problem)

    def write(self, entries: Iterable[JournalEntry]) -> None:
        """Add entries. All but what commands say survive a power cut from here on; that survives the process.

        Raises:
            JournalFailed: They could not be written.
        """
        if self._failed is not None:  # What is missing would not be missed if it went on now.
            raise JournalFailed(self._failed)
        entries = list(entries)
        try:
            self._append(b"".join(map(sealed, entries)))
            if not all(isinstance(entry, Output) for entry in entries):
                os.fdatasync(self._file)
        except OSError as error:
            self._failed = f"The journal {self.path} cannot be written: {error.strerror}."
            raise JournalFailed(self._failed) from error

    def _append(self, content: bytes) -> None:
        size = os.fstat(self._file).st_size
        try:
            write_all(self._file, content)
        except OSError:
            # What the next process adds, when there is room again, must not be glued to half a line.
            with suppress(OSError):
                os.ftruncate(self._file, size)
            raise

    def close(self) -> None:
        """Close it."""
        os.close(self._file)


def refuse_foreign(path: Path, files: Iterable[str | Path]) -> None:
    """Refuse to write a journal where something else is: what it holds would be set aside as damaged.

    Args:
        path: The journal, which need not be there.
        files: The rollout's own file, and those of the config.

    Raises:
        UsageError: It is one of them, or holds no entry of a journal, not even a damaged one.
    """
    foreign.refuse_foreign("--journal", path, files)
    _, content = _content(path)
    found, damaged = read(content)
    if damaged and not found and _kept_by_another(content):
        raise UsageError(f"--journal {path}: this is no journal of a rollout, so it is left alone. Name another one.")


def _kept_by_another(content: bytes) -> bool:
    """Whether a line is whole, and tells nothing that a journal tells."""
    for line in content.splitlines():
        with suppress(ValueError):
            opened(line)
            return True
    return False


def _content(path: Path) -> tuple[Path, bytes]:
    """The file to which a path leads, and what it holds: nothing where it is not there."""
    try:
        file = leads_to(path)
        if file.exists() and not file.is_file():
            raise UsageError(f"--journal {path}: not a file. Name a file that nothing else writes.")
        return file, file.read_bytes() if file.exists() else b""
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"--journal {path}: {error.strerror}. Name a file in a folder that you may write to.")


def _take_away_torn_line(file: int) -> None:
    size = os.fstat(file).st_size
    content = os.pread(file, size, 0)
    whole = content.rfind(b"\n") + 1
    if whole < size:
        os.ftruncate(file, whole)


def _set_aside(path: Path, lines: Sequence[bytes], damaged: int) -> str:
    what, used = _damaged(path, damaged), f"{_the_others(lines)} could be read and count"
    try:
        aside = set_aside(path)
        replace(path, b"".join(line + b"\n" for line in lines))
    except OSError as error:
        return f"{what}; it could not be set aside ({error.strerror}); {used}."
    return f"{what}; it is now {aside}, and {used}."


def _damaged(path: Path, damaged: int) -> str:
    return f"In the journal {path} {counted(damaged, 'line')} {'is' if damaged == 1 else 'are'} damaged"


def _the_others(found: Sequence[object]) -> str:
    return f"the other {counted(len(found), 'entry', 'entries')}"
