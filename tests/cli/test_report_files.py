"""Report files: whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from healthmon.cli.report_files import ReportFile, parse, write
from healthmon.errors import HealthmonError, UsageError


def test_parse(tmp_path: Path) -> None:
    """The path may hold an equals sign."""
    assert parse([f"json={tmp_path}/a=b"], ["json"]) == [ReportFile("json", tmp_path / "a=b")]


@pytest.mark.parametrize("text", ["json", "json=", "=x", "yaml=x", "json=/nowhere/x", "json=/"])
def test_parse_refuses(text: str) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError, match="--report"):
        parse([text], ["json", "text"])


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path) -> None:
    """Nothing else is left in the folder."""
    path = tmp_path / "report"
    path.write_text("old")
    path.chmod(0o640)
    write([ReportFile("text", path)], lambda name: f"new {name}")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new text", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    """Not the narrow ones of a temporary file: a web server or a collector reads it."""
    path = tmp_path / "report"
    mask = os.umask(0o022)
    try:
        write([ReportFile("text", path)], lambda _: "new")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that it points to is replaced."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write([ReportFile("text", link)], lambda _: "new")
    assert (link.is_symlink(), target.read_text()) == (True, "new")


def test_what_is_no_file_is_written_to() -> None:
    """A device cannot be replaced."""
    write([ReportFile("text", Path("/dev/null"))], lambda _: "new")
    assert not Path("/dev/null").is_file()


def test_a_report_that_fails_leaves_the_old_and_the_others(tmp_path: Path) -> None:
    """And is named."""
    good = tmp_path / "good"
    with pytest.raises(HealthmonError, match="/dev/full could not be written: No space left"):
        write([ReportFile("text", Path("/dev/full")), ReportFile("text", good)], lambda _: "new")
    assert good.read_text() == "new"


def test_a_renderer_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """The old file stays as it was."""
    path = tmp_path / "report"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write([ReportFile("text", path)], lambda _: "\ud800")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])
