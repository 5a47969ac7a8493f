"""The page of a step: appended to, never too large, and never in the way of the verdict."""

import os
from pathlib import Path

import pytest

from healthmon.cli.output.job_summary import MOST, append
from healthmon.errors import HealthmonError


def test_what_others_wrote_stays(tmp_path: Path) -> None:
    """With an empty line between, for a heading needs one."""
    page = tmp_path / "summary"
    append(page, "## one\n")
    append(page, "## two ✓\n")
    assert page.read_text(encoding="utf-8") == "## one\n\n\n## two ✓\n"


@pytest.mark.parametrize("before", [0, 1, 1000, MOST - 200, MOST - 60, MOST - 3, MOST, MOST + 1])
@pytest.mark.parametrize("line", ["| `✓✓✓` |\n", "é" * 1000 + "\n"])
def test_it_never_grows_too_large(tmp_path: Path, before: int, line: str) -> None:
    """What is left out are whole lines, and a note says so where there is room for it."""
    page = tmp_path / "summary"
    page.write_bytes(b"x" * before)
    append(page, line * (2 * MOST // len(line.encode())))
    assert page.stat().st_size <= max(before, MOST)
    written = page.read_bytes()[before:].decode()
    if before < MOST - 100:
        assert written.endswith("\n*The rest is left out: GitHub shows 1 MiB of a step.*\n")
        assert set(written.removeprefix("\n\n").splitlines()[:-2]) <= {line.strip()}
    if before == 0:
        assert len(written.encode()) > MOST - 3000


def test_what_fits_is_whole(tmp_path: Path) -> None:
    """To the last byte."""
    page = tmp_path / "summary"
    append(page, "x" * (MOST - 1) + "\n")
    assert page.stat().st_size == MOST


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """A folder, a full disk, and a pipe that nobody reads: told, and not waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, Path("/dev/full"), tmp_path / "pipe", tmp_path / "no/such"):
        with pytest.raises(HealthmonError, match=rf"^The job summary {path} could not be written: [A-Z].+\.$"):
            append(path, "x")
