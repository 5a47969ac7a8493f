"""What is written where it stands: never waited for without end."""

import os
from pathlib import Path

import pytest

from healthmon.engine.written_in_place import append, descriptor, own_number


def test_a_full_pipe_is_given_up(tmp_path: Path) -> None:
    """Its reader has stopped."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(TimeoutError, match=r"Its reader has taken nothing for 0.05 s"):
            append(tmp_path / "pipe", b"x" * 1_000_000, patience=0.05)
    finally:
        os.close(reader)


def test_a_full_descriptor_is_given_up_though_writing_to_it_waits() -> None:
    """It is shared with others, so that it is left as it is."""
    reader, writer = os.pipe()
    try:
        with pytest.raises(TimeoutError):
            append(Path(f"/dev/fd/{writer}"), b"x" * 1_000_000, patience=0.05)
        assert os.get_blocking(writer)
    finally:
        os.close(reader)
        os.close(writer)


def test_a_reader_that_has_gone(tmp_path: Path) -> None:
    """Is told as such."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with pytest.raises(BrokenPipeError):
            append(Path(f"/dev/fd/{writer}"), b"x")
    finally:
        os.close(writer)


def test_what_is_a_descriptor(tmp_path: Path) -> None:
    """By its name alone, wherever it leads."""
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").touch()
    paths = [Path("/dev/stderr"), Path("/proc/1/fd/1"), tmp_path / "circle", tmp_path / "file", Path("/dev/null")]
    assert [own_number(path) for path in paths] == [2, None, None, None, None]
    assert [descriptor(path) for path in paths] == [
        Path(f"/proc/{os.getpid()}/fd/2"),
        Path("/proc/1/fd/1"),
        None,
        None,
        None,
    ]
