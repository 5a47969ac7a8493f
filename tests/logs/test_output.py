"""What stderr is, and which characters it takes."""

import os
from pathlib import Path

import pytest

from healthmon.logs import default_format
from healthmon.logs.output import encoder


def test_the_journal_is_recognised_by_device_and_inode(tmp_path: Path) -> None:
    """As systemd.exec(5) asks for: the variable alone is inherited by programs with another stderr."""
    with (tmp_path / "log").open("w") as log:
        status = os.fstat(log.fileno())
        assert default_format({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}, log.fileno()) == "journal"
        assert default_format({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"}, log.fileno()) == "text"
        assert default_format({"JOURNAL_STREAM": "nonsense"}, log.fileno()) == "text"
        assert default_format({}, log.fileno()) == "text"


def test_a_closed_stderr_is_no_journal() -> None:
    """And no error."""
    assert default_format({"JOURNAL_STREAM": "1:2"}, -1) == "text"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "a… ✓ é 中".encode()),
        ("latin-1", b"a... + \xe9 ?"),
        ("ascii", b"a... + ? ?"),
        (None, b"a... + ? ?"),
        ("no-such-encoding", b"a... + ? ?"),
        ("utf-16", b"a... + ? ?"),
        ("base64", b"a... + ? ?"),
    ],
)
def test_what_an_encoding_lacks_is_replaced(encoding: str | None, expected: bytes) -> None:
    """By something like it, where there is such a thing."""
    assert encoder(encoding)("a… ✓ é 中") == expected
