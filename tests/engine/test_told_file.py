"""The file that remembers what was told: damaged everywhere, and writers that die at every step."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.changes import Told
from healthmon.engine import told_file
from healthmon.engine.told_file import Remembered

TOLD = {"brain": Told(1_769_860_800.25, 1_769_864_400.5, ("refused", "status")), "café": Told(1.0, 2.0, (), "brain")}


class Killed(BaseException):
    """Stands for the end of the process."""


def test_there_and_back(tmp_path: Path) -> None:
    """All of it; a file that is not there says nothing."""
    path = tmp_path / "state.json"
    assert told_file.read(path) == Remembered()
    for told in (TOLD, {}, TOLD):
        told_file.write(path, told)
        assert told_file.read(path) == Remembered(told)


@given(
    st.dictionaries(
        st.text(max_size=20),
        st.builds(Told, st.floats(0, 1e11), st.floats(0, 1e11), st.tuples(st.text(max_size=10)), st.none() | st.text()),
        max_size=5,
    )
)
def test_whatever_ids_and_times_there_are(tmp_path_factory: pytest.TempPathFactory, told: dict[str, Told]) -> None:
    """Are read as they were written."""
    path = tmp_path_factory.getbasetemp() / "state.json"
    told_file.write(path, told)
    assert told_file.read(path) == Remembered(told)


def test_a_file_of_a_healthmon_that_knew_of_no_roots(tmp_path: Path) -> None:
    """Is read; and what has none is written as it was then."""
    then = b'{"crc":"38cfc068","format":"healthmon-told","version":1,"services":{"brain":{"since":1.0,"at":2.0,'
    told = {"brain": Told(1.0, 2.0, ("down refused",))}
    then += b'"causes":["down refused"]}}}\n'
    assert told_file.parse(then) == (told, None)
    path = tmp_path / "state.json"
    told_file.write(path, told)
    assert path.read_bytes() == then


def test_damage_at_every_byte_is_told(tmp_path: Path) -> None:
    """Whether the byte is another one, is not there, or is the last one: nothing is taken that was not written."""
    path = tmp_path / "state.json"
    told_file.write(path, TOLD)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for damaged in (
            whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
            whole[:place] + whole[place + 1 :],
            whole[:place],
            whole[:place] + b"\0" * (len(whole) - place),
        ):
            assert told_file.parse(damaged) == ({}, "is damaged"), damaged


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[" * 100_000 + b"\n", os.urandom(1000)])
def test_what_it_never_wrote(content: bytes) -> None:
    """Is damaged, too."""
    assert told_file.parse(content) == ({}, "is damaged")


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    """Under a name that says so, and the next one takes its place."""
    path = tmp_path / "state.json"
    path.write_bytes(b"damaged")
    found = told_file.read(path)
    assert found.told is None
    assert found.problem
    assert found.problem.startswith(f"The state file {path} is damaged; it is now {path}.corrupt-")
    told_file.write(path, TOLD)
    (aside,) = tmp_path.glob("*.corrupt-*")
    assert (aside.read_bytes(), told_file.read(path)) == (b"damaged", Remembered(TOLD))


def test_what_cannot_be_set_aside_or_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the checks go on."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    path = tmp_path / "state.json"
    path.write_bytes(b"damaged")
    monkeypatch.setattr("healthmon.engine.whole_file.set_aside", refuse)
    assert told_file.read(path) == Remembered(
        problem=f"The state file {path} is damaged; it could not be set aside (Permission denied). "
        "What is not healthy is told again."
    )
    found = told_file.read(tmp_path)
    assert found.problem == (
        f"The state file {tmp_path} could not be read: Is a directory. What is not healthy is told again."
    )


def test_other_versions_and_other_files(tmp_path: Path) -> None:
    """Are not taken for this one's."""
    from healthmon.engine.sealed import sealed

    content = told_file._Content
    assert told_file.parse(sealed(content("healthmon-told", 2, {}))) == (
        {},
        "is of another version of healthmon (format 2, expected 1)",
    )
    assert told_file.parse(sealed(content("healthmon-else", 1, {}))) == ({}, "is not one of `--on-change`")


@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.chmod", "pathlib.Path.replace"])
def test_a_writer_that_dies_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """At whichever step; after the last it is the new one."""
    path = tmp_path / "state.json"
    told_file.write(path, TOLD)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(step, die)
        with pytest.raises(Killed):
            told_file.write(path, {})
    assert told_file.read(path) == Remembered(TOLD)
    with monkeypatch.context() as patched:
        patched.setattr("healthmon.engine.whole_file.sync_folder", die)
        with pytest.raises(Killed):
            told_file.write(path, {})
    assert told_file.read(path) == Remembered({})


def test_two_at_once_leave_one_of_the_two(tmp_path: Path) -> None:
    """Never a mixture, and nothing beside it."""
    from threading import Thread

    path = tmp_path / "state.json"
    both = [{f"{letter}{number}": Told(1.0, 1.0, ()) for number in range(50)} for letter in "ab"]

    def write(told: dict[str, Told]) -> None:
        for _ in range(30):
            told_file.write(path, told)

    threads = [Thread(target=write, args=(told,)) for told in both]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert told_file.read(path).told in (None, *both)
        assert told_file.read(path).problem is None
    assert list(tmp_path.iterdir()) == [path]
