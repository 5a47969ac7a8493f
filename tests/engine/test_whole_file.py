"""Files that are there as a whole or not at all: real ones, and writers that die at every step."""

import errno
import os
import stat
from pathlib import Path

import pytest

from healthmon.engine import whole_file


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """By one that nobody else may read, unless that is wanted; nothing else is left."""
    path = tmp_path / "state"
    whole_file.replace(path, b"old")
    whole_file.replace(path, b"new", mode=0o640)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that it leads to is replaced, in its own folder."""
    (tmp_path / "else").mkdir()
    link, path = tmp_path / "link", tmp_path / "else" / "state"
    link.symlink_to(path)
    whole_file.replace(link, b"new")
    assert (link.is_symlink(), path.read_bytes()) == (True, b"new")


def test_a_circle_of_links_leads_nowhere(tmp_path: Path) -> None:
    """And stays as it is; a link to what is not there yet leads to its place."""
    loop, link = tmp_path / "loop", tmp_path / "link"
    loop.symlink_to("loop")
    link.symlink_to("later")
    for path in (loop, loop / "state"):
        with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
            whole_file.replace(path, b"new")
    assert loop.is_symlink()
    assert whole_file.leads_to(link) == tmp_path.resolve() / "later"
    assert whole_file.leads_to(tmp_path / "missing" / "state") == tmp_path.resolve() / "missing" / "state"


def test_the_file_and_then_its_name_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First what it holds, then the folder, in which it has its name by then: so it survives a power cut."""
    path = tmp_path / "state"
    path.write_bytes(b"old")
    synced = []

    def sync(descriptor: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.read_bytes()))

    monkeypatch.setattr(os, "fsync", sync)
    whole_file.replace(path, b"new")
    assert synced == [(False, b"old"), (True, b"new")]


@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.chmod", "pathlib.Path.replace"])
def test_a_failure_at_any_step_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """And no other."""
    path = tmp_path / "state"
    path.write_bytes(b"old")

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(step, die)
        with pytest.raises(Killed):
            whole_file.replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """Of the operating system."""
    with pytest.raises(FileNotFoundError):
        whole_file.replace(tmp_path / "missing" / "state", b"new")


def test_corrupt_ones_are_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each under a name of its own, also where there are no links."""
    path = tmp_path / "state"
    path.write_bytes(b"one")
    asides = [whole_file.set_aside(path) for _ in range(3)]
    assert path.exists()
    monkeypatch.setattr(Path, "hardlink_to", lambda *_: (_ for _ in ()).throw(OSError(1, os.strerror(1))))
    asides.append(whole_file.set_aside(path))
    assert not path.exists()
    assert len({*asides}) == 4
    assert {aside.read_bytes() for aside in asides} == {b"one"}
    assert all(aside.name.startswith("state.corrupt-") for aside in asides)
