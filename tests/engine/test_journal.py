"""The journal of a rollout: killed at any byte, damaged anywhere, and never the end of it."""

import errno
import os
import re
import resource
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.journal import (
    Action,
    AnyEntry,
    AtFault,
    Began,
    Checked,
    CommandEnded,
    Ended,
    Interrupted,
    Lack,
    Output,
    Prerequisites,
    Resumed,
    Started,
)
from healthmon.engine.journal import Journal, JournalFailed, peek, read, refuse_foreign
from healthmon.engine.sealed import sealed
from healthmon.errors import UsageError

AT = "2026-01-31T12:00:00.000Z"
FAULT = AtFault("saleor", 1, "connection refused")
LACKING = AtFault("db", None, "healthy, but not 6 times in a row within 3 s", Lack.STREAK)
ALL: list[AnyEntry] = [
    Started(at=AT, digest="0123456789abcdef", host="203.0.113.10", phases=("shop", "grün"), pid=42),
    Prerequisites(at=AT, healthy=True, total=4, seconds=0.25),
    Began(at=AT, action=Action.DEPLOY, phase="shop", command="docker compose up -d"),
    Output(at=AT, phase="shop", line='Container "saleor" ✓'),
    CommandEnded(at=AT, action=Action.DEPLOY, phase="shop", fault=None, seconds=1.5),
    Interrupted(at=AT, signal="SIGTERM"),
    Resumed(at=AT, pid=43),
    Began(at=AT, action=Action.WAIT, phase="shop", services=5, within=300.0),
    Checked(at=AT, action=Action.WAIT, phase="shop", healthy=False, total=5, seconds=300.0, at_fault=(FAULT, LACKING)),
    CommandEnded(at=AT, action=Action.ROLLBACK, phase="shop", fault="exit 1", seconds=1.0),
    Ended(at=AT, outcome="broken"),
]


def written(path: Path, entries: list[AnyEntry]) -> bytes:
    """What a journal holds that was given these entries."""
    journal = Journal.open(path)
    journal.write(entries)
    journal.close()
    return path.read_bytes()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """All of it, in its order; nobody else may read what commands said."""
    written(tmp_path / "j", ALL[:4])
    content = written(tmp_path / "j", ALL[4:])
    assert [entry for _, entry in read(content)[0]] == ALL == peek(tmp_path / "j")[0]
    assert content.count(b"\n") == len(ALL)
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600


def test_a_service_of_which_is_not_told_what_it_lacks() -> None:
    """As in a journal of a version that did not tell: it counts as one that was not healthy."""
    told = msgspec.json.decode(b'{"id": "saleor", "phase": 1, "message": "connection refused"}', type=AtFault)
    assert (told, told.lacks) == (FAULT, None)


def test_a_kill_at_any_byte(tmp_path: Path) -> None:
    """Leaves all whole lines, and a file to which the next line can be added. It is no fault."""
    content = written(tmp_path / "j", ALL)
    path = tmp_path / "k"
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        journal = Journal.open(path)
        whole = content[:cut].count(b"\n")
        assert (journal.entries, journal.problem) == (ALL[:whole], None)
        journal.write([ALL[-1]])
        journal.close()
        assert peek(path)[0] == [*ALL[:whole], ALL[-1]]
    assert [one.name for one in tmp_path.iterdir() if "corrupt" in one.name] == []


@given(data=st.data())
def test_any_byte_changed(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Costs the line in which it stands, or the two of which it made one; the damaged file is kept."""
    folder = tmp_path_factory.mktemp("journal")
    content = written(folder / "j", ALL)
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    damaged = content[:place] + bytes([byte]) + content[place + 1 :]
    (folder / "j").write_bytes(damaged)

    journal = Journal.open(folder / "j")
    journal.close()

    assert len(ALL) - 2 <= len(journal.entries) < len(ALL)
    assert all(entry in ALL for entry in journal.entries)
    if journal.problem:  # Not where the last line feed is the byte: that is a torn line.
        (aside,) = folder.glob("j.corrupt-*")
        assert aside.read_bytes() == damaged
    assert peek(folder / "j")[0] == list(journal.entries)


def test_a_damaged_journal_is_told_and_kept(tmp_path: Path) -> None:
    """With what became of it."""
    lines = written(tmp_path / "j", ALL).splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join([*lines[:3], b"\x00\x00\n", b"{}\n", *lines[3:], b"not a line"]))
    journal = Journal.open(tmp_path / "j")
    journal.close()
    assert re.fullmatch(
        rf"In the journal {tmp_path}/j 3 lines are damaged; it is now {tmp_path}/j\.corrupt-\d{{8}}T\d{{6}}Z, and the "
        "other 11 entries could be read and count\\.",
        journal.problem or "",
    )
    assert journal.entries == ALL


def test_one_that_cannot_be_set_aside_is_used_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is not the end of what was known."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    lines = written(tmp_path / "j", ALL).splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join([*lines[:1], b"x\n"]))
    monkeypatch.setattr("healthmon.engine.journal.replace", refused)
    journal = Journal.open(tmp_path / "j")
    journal.close()
    assert journal.entries == ALL[:1]
    assert "1 line is damaged; it could not be set aside (No space left on device); the other 1 entry" in (
        journal.problem or ""
    )


def test_a_journal_that_cannot_be_opened(tmp_path: Path) -> None:
    """Says what to name instead."""
    with pytest.raises(UsageError, match="not a file"):
        Journal.open(tmp_path)
    with pytest.raises(UsageError, match="No such file or directory"):
        Journal.open(tmp_path / "missing/j")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="Too many levels of symbolic links"):
        Journal.open(tmp_path / "loop")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Not a directory"):
        Journal.open(tmp_path / "file/j")


def test_a_disk_that_is_full_for_a_while(tmp_path: Path) -> None:
    """Ends it, and costs what could not be written, and nothing that comes later."""
    journal = Journal.open(tmp_path / "j")
    journal.write(ALL[:3])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Room for a half of the next line: Python ignores SIGXFSZ.
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "j").stat().st_size + 40, before[1]))
    try:
        with pytest.raises(JournalFailed, match="File too large"):
            journal.write([ALL[3]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with pytest.raises(JournalFailed, match="File too large"):
        journal.write([ALL[4]])
    journal.close()
    assert (tmp_path / "j").read_bytes() == b"".join(map(sealed, ALL[:3]))


def test_files_of_others_are_no_journals(tmp_path: Path) -> None:
    """Nor those of the config, whatever they hold; damaged ones are, and what a power cut leaves."""
    path = tmp_path / "j"
    refuse_foreign(path, [tmp_path / "missing"])
    line = written(path, ALL).splitlines(keepends=True)[0]
    for content in (line, b"", b"\0\0\0", line[:5], b"\0" + line[1:], b"".join([b"x\n", line])):
        path.write_bytes(content)
        refuse_foreign(path, [])
    with pytest.raises(UsageError, match="one of the config's own files"):
        refuse_foreign(path, [path])
    path.write_bytes(b"[[phase]]\n")
    with pytest.raises(UsageError, match="healthmon did not write this file, so it is left alone"):
        refuse_foreign(path, [])
    path.write_bytes(sealed(FAULT))
    with pytest.raises(UsageError, match="this is no journal of a rollout, so it is left alone"):
        refuse_foreign(path, [])


def test_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    """Ends the rollout: what is not written down must not be done."""
    journal = Journal.open(tmp_path / "j")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._file)
    os.close(full)
    with pytest.raises(JournalFailed, match="No space left on device") as caught:
        journal.write([ALL[0]])
    assert caught.value.exit_code == 70
    journal.close()


def test_what_decides_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but what commands say, which would wait for the disk with each line."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    journal = Journal.open(tmp_path / "j")
    for entry in ALL:
        synced.clear()
        journal.write([entry])
        assert len(synced) == (0 if isinstance(entry, Output) else 1)
    output = next(entry for entry in ALL if isinstance(entry, Output))
    synced.clear()
    journal.write([output, ALL[0]])
    journal.write([output, output])
    assert len(synced) == 1
    journal.close()
