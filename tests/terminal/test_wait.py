"""`healthmon wait` in a terminal: the block while it waits, and the report that takes its place."""

import os
import pty
import re
import shlex
import signal
import ssl
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest
import trustme

from healthmon.demo.faults import Fault
from tests.deploy.programs import eventually
from tests.deploy.switchboard import Switchboard
from tests.terminal.terminal import ROOT, Terminal, terminal

WAIT = ("wait", "--interval", "200ms", "--max-interval", "200ms", "--timeout", "1s")


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 15)])
def test_the_block(board: Switchboard, config: Path, columns: int, lines: int) -> None:
    """It is drawn in its place, row by row, tells what changes, and is gone when the report comes."""
    board.switch({"brain": Fault.UNAVAILABLE})
    with terminal(*WAIT, columns=columns, lines=lines, folder=config.parent) as screen:
        screen.shows(
            "Waiting for 1 of 10 to be healthy", "✗ Brain AI Gate", "HTTP 503", "✓ Amazon Sourc", " left of 2:00"
        )
        assert screen.lines[0] == "Waiting for 1 of 10 to be healthy"
        board.switch({"brain": Fault.NOT_FOUND})
        screen.shows("HTTP 404")
        assert "HTTP 503" not in screen.text
        board.switch({"brain": None})
        assert screen.end() == 0
        for left in ("Waiting for", " left of ", "━"):
            assert left not in screen.text
        assert "Summary: Healthy: 10/10" in screen.text
        assert screen.text.splitlines()[0].endswith("host 127.0.0.1")
        assert all(frame.count("Waiting for") <= 1 for frame in screen.frames)


def test_well_at_once(config: Path) -> None:
    """Nothing flashes."""
    with terminal(*WAIT, folder=config.parent) as screen:
        assert screen.end() == 0
        assert not any("Waiting for" in frame for frame in screen.frames)


def test_resizing(board: Switchboard, config: Path) -> None:
    """The block takes the new size; a terminal that gets wider shows no two of them."""
    board.switch({"brain": Fault.UNAVAILABLE})
    with terminal(*WAIT, columns=40, lines=8, folder=config.parent) as screen:
        screen.shows("Waiting for 1 of 10", "✗ Brain AI Gate", "and 7 more", " left of 2:00")
        screen.resize(90, 24)
        screen.shows("✓ Amazon Sourcing", " checks")
        assert screen.text.count("Waiting for") == 1
        assert "more" not in screen.text
        screen.resize(60, 24)
        screen.until(lambda: screen.text.endswith(" left of 2:00") or " left of 2:00" in screen.lines[11])
        assert screen.text.count("Waiting for") == 1


def test_an_inverted_wait(board: Switchboard, config: Path) -> None:
    """The words turn round."""
    with terminal(*WAIT, "--only", "brain", "--invert", folder=config.parent) as screen:
        screen.shows("Waiting for 1 of 1 to be down", "! Brain AI Gateway  still healthy  HTTP 200")
        board.switch({"brain": Fault.UNAVAILABLE})
        assert screen.end() == 0


def test_what_waiting_rarely_cures(board: Switchboard, tmp_path: Path) -> None:
    """Is named as soon as it is met; wide characters keep the columns straight."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    port = board.serve_tls(context)
    (tmp_path / "services.toml").write_text(
        f'[[services]]\nid = "orders"\nname = "注文サービス"\nurl = "https://127.0.0.1:{port}/"\n'
        f'[[services]]\nid = "brain"\nname = "Brain"\nurl = "tcp://127.0.0.1:{board.ports["brain"]}"\n'
    )
    with terminal(*WAIT, folder=tmp_path) as screen:
        screen.shows(
            "Waiting for 1 of 2",
            "✗ 注文サービス  certificate  ",
            "✓ Brain",
            "Waiting rarely cures: orders (certificate)",
        )
        assert screen.column(1, "c") == screen.column(2, "h")
        screen.press("\x03")
        assert screen.end() == 130


def test_the_deadline_and_ctrl_c(board: Switchboard, config: Path) -> None:
    """Whichever comes first: the block is gone, the report is there."""
    board.switch({"brain": Fault.HANG})
    with terminal(*WAIT, "--deadline", "3s", columns=160, folder=config.parent) as screen:
        screen.shows("connected, but no answer")
        assert screen.end() == 124
        assert " left of " not in screen.text
        assert "Brain AI Gateway... ✗ FAILED (connected, but no answer within 1 s)" in screen.text
    with terminal(*WAIT, folder=config.parent) as screen:
        screen.shows("Waiting for 1 of 10")
        screen.press("\x03")
        assert screen.end() == 130
        assert "Waiting for" not in screen.text
        assert " left of " not in screen.text
        assert "Summary: Healthy: 9/10" in screen.text


def failing(board: Switchboard, config: Path, script: str) -> AbstractContextManager[Terminal]:
    """A terminal in which the command of ``--on-failure`` runs after half a second."""
    board.switch({"brain": Fault.UNAVAILABLE})
    options = ("-q", "--deadline", "500ms", "--on-failure", shlex.join(["sh", "-c", script]))
    return terminal(*WAIT, *options, columns=200, folder=config.parent)


def test_the_command_after_a_failure_asks(board: Switchboard, config: Path) -> None:
    """It reads what is typed."""
    with failing(board, config, "printf 'Roll back? ' >&2; read answer </dev/tty; echo so: $answer") as screen:
        screen.shows("Roll back?")
        screen.press("yes\r")
        screen.shows("so: yes")
        assert screen.end() == 124


def test_ctrl_c_while_the_command_asks(board: Switchboard, config: Path) -> None:
    """It ends the command, and the exit code is that of the services."""
    with failing(board, config, "printf 'Roll back? ' >&2; read answer </dev/tty") as screen:
        screen.shows("Roll back?")
        screen.press("\x03")
        assert screen.end() == 124
        assert "it was ended by SIGINT." in screen.text


def test_sigterm_while_the_command_asks(board: Switchboard, config: Path) -> None:
    """It is passed on."""
    with failing(board, config, "trap 'echo told >&2; exit 3' TERM; echo ready >&2; sleep 60 & wait") as screen:
        screen.shows("ready")
        screen.signal(signal.SIGTERM)
        screen.shows("told", "it failed with exit code 3.")


def test_ctrl_c_twice_while_the_command_asks(board: Switchboard, config: Path) -> None:
    """One that does not heed it is left alone; Ctrl-C reaches it once each time."""
    with failing(board, config, "trap 'echo no >&2' INT; echo ready >&2; while :; do sleep 60; done") as screen:
        screen.shows("ready")
        screen.press("\x03")
        screen.until(lambda: "^Cno" in screen.lines)
        screen.press("\x03")
        screen.shows("it is no longer waited for, after a second signal.")
        assert screen.end() == 124


def test_stopped(board: Switchboard, config: Path) -> None:
    """What was drawn before stays above what the shell has written meanwhile, and is drawn no more."""
    board.switch({"brain": Fault.UNAVAILABLE})
    with terminal(*WAIT, folder=config.parent) as screen:
        screen.shows("HTTP 503")
        screen.signal(signal.SIGSTOP)  # As a shell without job control; with it, Ctrl-Z does the same.
        screen.until(lambda: screen.stopped)
        screen.signal(signal.SIGCONT)
        screen.until(lambda: screen.text.count("Waiting for") == 2)
        board.switch({"brain": None})
        assert screen.end() == 0
        assert screen.text.count("Waiting for") == 1


def test_ctrl_z_and_fg(board: Switchboard, config: Path) -> None:
    """Nothing of the block is left where the shell writes; when it goes on, there is one, beneath all of that."""
    board.switch({"brain": Fault.UNAVAILABLE})
    with terminal(*WAIT, folder=config.parent) as screen:
        screen.shows("HTTP 503", " left of ")
        screen.press("\x1a")
        screen.until(lambda: screen.stopped)
        screen.drain()
        assert "Waiting for" not in screen.text
        assert " left of " not in screen.text
        screen.write("[1]+  Stopped\r\n$ fg\r\n")
        screen.signal(signal.SIGCONT)
        screen.shows("HTTP 503", " left of ")
        assert [line for line in screen.text.splitlines() if line.startswith(("Waiting", "[1]", "$"))] == [
            "[1]+  Stopped",
            "$ fg",
            "Waiting for 1 of 10 to be healthy",
        ]
        board.switch({"brain": None})
        assert screen.end() == 0
        assert "Waiting for" not in screen.text
        assert "$ fg" in screen.text


def test_no_colour(board: Switchboard, config: Path) -> None:
    """NO_COLOR: a block without colours."""
    board.switch({"brain": Fault.UNAVAILABLE})
    with terminal(*WAIT, folder=config.parent, NO_COLOR="1") as screen:
        screen.shows("✗ Brain")
        board.switch({"brain": None})
        assert screen.end() == 0
        assert b"\x1b[3" not in screen.raw


def test_a_dumb_terminal(board: Switchboard, config: Path) -> None:
    """Lines, and not one escape sequence."""
    board.switch({"brain": Fault.UNAVAILABLE})
    with terminal(*WAIT, folder=config.parent, TERM="dumb") as screen:
        screen.shows("✗ brain: HTTP 503, expected 200 or 302 [status]")
        board.switch({"brain": None})
        assert screen.end() == 0
        assert "✓ brain: healthy after " in screen.text
        assert b"\x1b" not in screen.raw


def test_a_pipe(board: Switchboard, config: Path, tmp_path: Path) -> None:
    """Lines in ASCII, where the locale has no more, in any number of checks: only what changes."""
    board.switch({"brain": Fault.UNAVAILABLE})
    errors = tmp_path / "errors"
    with errors.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "healthmon", *WAIT, "--config", config],
            stdout=subprocess.PIPE,
            stderr=sink,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0", "LC_ALL": "POSIX"},
        )
        eventually(lambda: "503" in errors.read_text())
        board.switch({"brain": None})
        output, _ = process.communicate(timeout=20)
    # A check that is under way when the server changes is reset, and told too.
    opening, first, *_, last = errors.read_text().splitlines()
    assert opening == "Waiting for 10 services to be healthy, up to 2 min"
    assert first == "x brain: HTTP 503, expected 200 or 302 [status]"
    assert last.startswith("+ brain: healthy after ")
    assert process.returncode == 0
    assert b"\x1b" not in output + errors.read_bytes()


def test_a_terminal_that_takes_nothing(board: Switchboard, config: Path) -> None:
    """Holds up no check: the deadline is kept, and the report is whole."""
    board.switch({"brain": Fault.UNAVAILABLE})
    keyboard, shown = pty.openpty()
    filler = os.open(os.ttyname(shown), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with suppress(BlockingIOError):
        while True:
            os.write(filler, b"x" * 100)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "healthmon", *WAIT, "--deadline", "2s", "--config", config],
            stdout=subprocess.PIPE,
            stderr=shown,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "TERM": "xterm"},
            timeout=20,
            check=False,
        )
    finally:
        for descriptor in (filler, shown, keyboard):
            os.close(descriptor)
    assert done.returncode == 124
    report = done.stdout.decode()
    assert "Summary: Healthy: 9/10" in report
    checks = re.search(r"Brain AI Gateway.* (\d+) checks", report)
    assert checks, report
    assert int(checks[1]) >= 5
