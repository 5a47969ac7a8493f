"""What is somebody else's file, and what is one of healthmon's that was damaged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.changes import Told
from healthmon.engine import told_file
from healthmon.engine.foreign import is_foreign, refuse_foreign
from healthmon.engine.sealed import sealed
from healthmon.engine.state_lines import HEADER
from healthmon.errors import UsageError


@pytest.mark.parametrize(
    "content",
    [b"[[services]]\n", b"{}", b"\x89PNG\r\n", b'{"services":[]}\n', b"# healthmon\n", b"\0\0notes\n"],
)
def test_what_healthmon_did_not_write(content: bytes) -> None:
    """A config, JSON of another program, an image, notes."""
    assert is_foreign(content)


@given(st.integers(0, 200), st.integers(0, 200))
def test_what_is_left_of_its_own_is_its_own(start: int, length: int) -> None:
    """Cut off, or with zeros at its beginning or its end, as disks and power cuts leave it."""
    for whole in (HEADER, sealed(told_file._Content("healthmon-told", 1, {"a": Told(1.0, 2.0, ("status",))}))):
        place = start % len(whole)
        assert not is_foreign(whole[:place])
        assert not is_foreign(whole[:place] + bytes(length))
        assert not is_foreign(bytes(6) + whole[6:])
    assert not is_foreign(bytes(length))


def test_what_is_there_or_not(tmp_path: Path) -> None:
    """A file that is missing or empty may be used; so may what another part judges: a folder."""
    refuse_foreign("--state", tmp_path / "none", [str(tmp_path / "config")])
    (tmp_path / "empty").touch()
    refuse_foreign("--state", tmp_path / "empty", [])
    refuse_foreign("--state", tmp_path, [])
    (tmp_path / "else").write_text("else")
    with pytest.raises(UsageError, match=rf"^--journal {tmp_path}/else: healthmon did not write this file"):
        refuse_foreign("--journal", tmp_path / "else")


def test_one_that_cannot_be_read_is_for_others_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens it says why."""

    def broken(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    (tmp_path / "file").write_text("else")
    monkeypatch.setattr(Path, "read_bytes", broken)
    refuse_foreign("--state", tmp_path / "file")
