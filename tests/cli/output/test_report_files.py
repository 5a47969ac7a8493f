"""Report files: whole or not at all."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from healthmon.cli.output.report_files import ReportFile, parse, write
from healthmon.errors import HealthmonError, UsageError
from tests.conftest import ROOT


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


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A log that has a line already, and a descriptor that appends to it."""
    path = tmp_path / "app.log"
    path.write_text("before\n")
    with path.open("a") as stream:
        yield path, stream.fileno()


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/thread-self/fd/{}", "/dev/../dev/fd/{}"])
def test_a_descriptor_is_written_through(log: tuple[Path, int], name: str) -> None:
    """The file that it is open to stays, with all that is in it and with what follows."""
    path, number = log
    (file,) = parse([f"text={name.format(number)}"], ["text"])
    write([file], lambda _: "report\n")
    os.write(number, b"after\n")
    assert path.read_text() == "before\nreport\nafter\n"


def test_a_link_to_a_descriptor_is_one(log: tuple[Path, int], tmp_path: Path) -> None:
    """As images have it for their logs."""
    path, number = log
    (tmp_path / "link").symlink_to(f"/dev/fd/{number}")
    (tmp_path / "other").symlink_to("link")
    write(parse([f"text={tmp_path}/other"], ["text"]), lambda _: "report\n")
    assert path.read_text() == "before\nreport\n"


def test_a_descriptor_is_written_at_its_position(tmp_path: Path) -> None:
    """As a shell opens a file for `2> FILE`: what comes later does not overwrite the report."""
    path = tmp_path / "log"
    with path.open("w") as stream:
        os.write(stream.fileno(), b"one\n")
        write(parse([f"text=/dev/fd/{stream.fileno()}"], ["text"]), lambda _: "report\n")
        os.write(stream.fileno(), b"two\n")
    assert path.read_text() == "one\nreport\ntwo\n"


def test_a_descriptor_of_another_process_is_appended_to(log: tuple[Path, int]) -> None:
    """Such as /proc/1/fd/1, which is what `docker logs` shows."""
    path, number = log
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=number) as cat:
        write(parse([f"text=/proc/{cat.pid}/fd/1"], ["text"]), lambda _: "report\n")
        cat.communicate(b"after\n", timeout=10)
    assert path.read_text() == "before\nreport\nafter\n"


def test_a_socket_is_written_to_by_its_descriptor() -> None:
    """The journal of systemd is one; it cannot be opened by its name."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        write(parse([f"text=/dev/fd/{ours.fileno()}"], ["text"]), lambda _: "report")
        assert theirs.recv(100) == b"report"


def test_a_pipe_gets_all_of_a_long_report(tmp_path: Path) -> None:
    """Though it holds 64 KiB only, and its reader takes its time."""
    os.mkfifo(tmp_path / "pipe")
    held = os.open(tmp_path / "pipe", os.O_RDWR)  # So that the reader meets no end before the report.
    with (tmp_path / "pipe").open() as reader, ThreadPoolExecutor(1) as pool:
        read = pool.submit(reader.read)
        try:
            write([ReportFile("text", tmp_path / "pipe")], lambda _: "x" * 1_000_000)
        finally:
            os.close(held)
        assert len(read.result(10)) == 1_000_000


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    """It is told, and the other report is written."""
    os.mkfifo(tmp_path / "pipe")
    files = parse([f"text={tmp_path}/pipe", f"json={tmp_path}/r.json"], ["text", "json"])
    with pytest.raises(
        HealthmonError, match=rf"^The report {tmp_path}/pipe could not be written: Nobody reads this pipe.$"
    ):
        write(files, lambda _: "new")
    assert (tmp_path / "r.json").read_text() == "new"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("-", "stdout has a report already, and no more than one; name a file."),
        ("/dev/stdout", "stdout has a report already, and no more than one; name a file."),
        ("/proc/self/fd/1", "stdout has a report already, and no more than one; name a file."),
        ("/dev/fd/987", "the descriptor /dev/fd/987 is not open to be written to."),
        (f"/{'x' * 300}", f"/{'x' * 300}: File name too long."),
    ],
)
def test_what_is_no_place_for_a_report(name: str, message: str) -> None:
    """Told before anything runs."""
    with pytest.raises(UsageError) as caught:
        parse([f"json={name}"], ["json"])
    assert str(caught.value) == f"--report json={name}: {message}"


def test_a_descriptor_to_read_and_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    """Told before anything runs."""
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(UsageError, match="circle: Too many levels of symbolic links"):
        parse([f"json={tmp_path}/circle"], ["json"])
    with Path("/dev/null").open() as stream, pytest.raises(UsageError, match="is not open to be written to"):
        parse([f"json=/dev/fd/{stream.fileno()}"], ["json"])


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("other", ["a.json", "../rv/a.json", "link", "folder/a.json"])
def test_one_file_by_two_names_is_refused(tmp_path: Path, other: str, *, there: bool) -> None:
    """Whether it is there already or not."""
    folder = tmp_path / "rv"
    folder.mkdir()
    (folder / "link").symlink_to("a.json")
    (folder / "folder").symlink_to(".")
    if there:
        (folder / "a.json").touch()
    with pytest.raises(UsageError, match=r"^--report: two reports cannot both be written to .*a\.json"):
        parse([f"json={folder}/a.json", f"text={folder}/{other}"], ["json", "text"])


def test_a_hard_link_is_the_same_file(tmp_path: Path) -> None:
    """One of the two would lose the other."""
    (tmp_path / "a").touch()
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    with pytest.raises(UsageError, match="which is the same file as"):
        parse([f"json={tmp_path}/a", f"text={tmp_path}/b"], ["json", "text"])


def _check(tmp_path: Path, *reports: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
    """Check a service that is well, with streams of its own."""
    (tmp_path / "services.toml").write_text('[[services]]\nname = "A"\nurl = "exec:"\ncommand = ["true"]\n')
    arguments = [sys.executable, "-m", "healthmon", "check", "--config", str(tmp_path / "services.toml")]
    for one in reports:
        arguments += ["--report", one]
    return subprocess.run(
        arguments, check=False, encoding="utf-8", timeout=60, env={"PYTHONPATH": str(ROOT)}, **streams
    )


def test_a_log_to_which_streams_go_keeps_all_of_its_lines(tmp_path: Path) -> None:
    """`healthmon check --report json=/dev/stderr >> app.log 2>&1`."""
    log = tmp_path / "app.log"
    log.write_text("before\n")
    with log.open("a") as stream:
        done = _check(tmp_path, "tap=/dev/stderr", stdout=stream, stderr=stream)
    assert done.returncode == 0
    first, *_ = lines = log.read_text().splitlines()
    assert first == "before"
    assert {"Summary: Healthy: 1/1", "1..1"} <= set(lines)


@pytest.mark.parametrize("name", ["/dev/stdout", "{log}"])
def test_a_log_to_which_stdout_goes_is_not_replaced(tmp_path: Path, name: str) -> None:
    """Neither by the name of the stream nor by its own."""
    log = tmp_path / "app.log"
    log.write_text("before\n")
    with log.open("a") as stream:
        done = _check(tmp_path, f"json={name.format(log=log)}", stdout=stream, stderr=subprocess.PIPE)
    assert (done.returncode, log.read_text()) == (2, "before\n")
    assert "name a" in done.stderr


def test_a_pipe_without_a_reader_makes_no_run_hang(tmp_path: Path) -> None:
    """It ends as with any other report that cannot be written."""
    os.mkfifo(tmp_path / "pipe")
    done = _check(tmp_path, f"json={tmp_path}/pipe", capture_output=True)
    assert (done.returncode, "Summary: Healthy: 1/1" in done.stdout) == (70, True)
    assert done.stderr.endswith(f"The report {tmp_path}/pipe could not be written: Nobody reads this pipe.\n")


def test_a_link_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Is refused before anything runs, and one that leads to a new file of a folder is not."""
    (tmp_path / "link").symlink_to("missing/report")
    with pytest.raises(UsageError, match=r"the folder .*/missing does not exist; make it first\."):
        parse([f"text={tmp_path}/link"], ["text"])
    (tmp_path / "missing").mkdir()
    write(parse([f"text={tmp_path}/link"], ["text"]), lambda _: "new")
    assert (tmp_path / "missing/report").read_text() == "new"


def test_links_that_lead_in_a_circle(tmp_path: Path) -> None:
    """Are told as such."""
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    for path in ("one", "one/report"):
        with pytest.raises(UsageError, match="Too many levels of symbolic links"):
            parse([f"text={tmp_path}/{path}"], ["text"])


def test_a_device_takes_several_reports() -> None:
    """Nothing of it is replaced."""
    texts = ["text=/dev/null", "json=/dev/null"]
    assert [file.format for file in parse(texts, ["text", "json"])] == ["text", "json"]


def test_metrics_that_node_exporter_would_not_read(log: tuple[Path, int], tmp_path: Path) -> None:
    """Are refused, with a name that it reads; what is no file has none."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    expected = f"prometheus={tmp_path}/x: node_exporter reads only files whose names end in .prom; write prometheus="
    with pytest.raises(UsageError, match=f"{expected}{tmp_path}/x.prom."):
        parse([f"prometheus={tmp_path}/x"], ["prometheus"])
    for path in (tmp_path / "x.prom", pipe, "/dev/null", f"/dev/fd/{log[1]}"):
        assert parse([f"prometheus={path}"], ["prometheus"])
