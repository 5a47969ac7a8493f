"""`healthmon check --watch` in a terminal."""

import json
import os
import signal
import unicodedata
from pathlib import Path

import pytest

from healthmon.demo.faults import Fault
from tests.deploy.programs import eventually
from tests.deploy.switchboard import Switchboard
from tests.terminal.terminal import Terminal, terminal

WATCH = ("check", "--watch", "--interval", "200ms", "--timeout", "1s")


def given_back(screen: Terminal) -> bool:
    """Whether the terminal is as it was."""
    return not screen.alternate and not screen.cursor_hidden and screen.echoes


def row(screen: Terminal, name: str) -> str:
    """The row of a service."""
    return next((line for line in screen.lines if name in line), "")


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 15)])
def test_the_table(board: Switchboard, config: Path, columns: int, lines: int) -> None:
    """All services; a failure is seen as soon as it comes, and a recovery; the exit code is that of the last round."""
    with terminal(*WATCH, columns=columns, lines=lines, folder=config.parent) as screen:
        screen.shows("Healthy: 10/10", "q quit", "Amazon Sourcing")
        assert screen.alternate
        assert screen.cursor_hidden
        board.switch({"brain": Fault.UNAVAILABLE})
        screen.shows("Healthy: 9/10", "✗ Brain AI Gate", "HTTP 503", "××")
        board.switch({"brain": None})
        screen.until(lambda: "✓" in row(screen, "Brain") and "×" in row(screen, "Brain"))
        board.switch({"auth": Fault.NOT_FOUND})
        screen.shows("Healthy: 9/10", "HTTP 404")
        screen.until(lambda: "next check in" in screen.lines[1])
        screen.press("q")
        assert screen.end() == 1
        assert given_back(screen)
        assert screen.text.replace("\n", "") == "Summary: Healthy: 9/10 (not healthy: auth)"
        assert all(len(frame.splitlines()) <= lines for frame in screen.frames)


def test_quit_when_all_is_well(board: Switchboard, config: Path) -> None:
    """0, as of a check."""
    with terminal(*WATCH, folder=config.parent) as screen:
        screen.shows("Healthy: 10/10", "next check in")
        screen.press("q")
        assert screen.end() == 0


def test_quit_before_anything_is_known(board: Switchboard, config: Path) -> None:
    """What is unknown is not healthy."""
    board.switch({"brain": Fault.HANG})
    with terminal("check", "--watch", folder=config.parent) as screen:
        screen.shows("checking, 9 of 10 done")
        screen.press("q")
        assert screen.end() == 1
        assert given_back(screen)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (signal.SIGINT, "\x03"),
        (signal.SIGQUIT, "\x1c"),
        (signal.SIGTERM, ""),
        (signal.SIGHUP, ""),
        (signal.SIGQUIT, ""),
    ],
)
def test_signals(board: Switchboard, config: Path, number: signal.Signals, key: str) -> None:
    """In the middle of a round. The terminal is given back."""
    board.switch({"brain": Fault.HANG})
    with terminal("check", "--watch", folder=config.parent) as screen:
        screen.shows("checking, 9 of 10 done")
        screen.press(key) if key else screen.signal(number)
        assert screen.end() == 128 + number
        assert given_back(screen)


def test_sort_and_failures(board: Switchboard, config: Path) -> None:
    """Keys choose what is shown."""
    board.switch({"sourcing": Fault.SERVER_ERROR})
    with terminal(*WATCH, folder=config.parent) as screen:
        screen.shows("Healthy: 9/10")
        assert "Saleor" in screen.lines[3]
        screen.press("s")
        screen.shows("s sort: state")
        screen.until(lambda: "Amazon Sourcing" in screen.lines[3])
        screen.press("f")
        screen.shows("f all")
        screen.until(lambda: "Amazon Sourcing" in screen.lines[3] and not screen.lines[4])
        board.switch({"sourcing": None})
        screen.shows("Nothing has failed.")
        screen.press("ssf")
        screen.shows("s sort: since", "Saleor", "f failures")


def test_scrolling_and_resizing(board: Switchboard, config: Path) -> None:
    """Rows come and go with the size of the terminal, and nothing of an older picture is left."""
    with terminal(*WATCH, columns=100, lines=30, folder=config.parent) as screen:
        screen.shows("Healthy: 10/10", "Amazon Sourcing", "SINCE")
        screen.resize(40, 8)
        screen.until(lambda: "1-4 of 10" in screen.lines[7] and "Saleor" in screen.lines[3])
        screen.press("\x1b[B")
        screen.until(lambda: "2-5 of 10" in screen.lines[7] and "Brain" in screen.lines[3])
        screen.press("\x1b[6~\x1b[6~")
        screen.until(lambda: "7-10 of 10" in screen.lines[7])
        assert "Amazon" in screen.lines[6]
        screen.resize(100, 30)
        screen.until(
            lambda: "q quit" in screen.lines[29] and "Saleor" in screen.lines[3] and "SINCE" in screen.lines[2]
        )
        screen.until(lambda: "Amazon Sourcing" in screen.lines[12])
        assert not any(screen.lines[13:29])
        assert screen.lines[29] == "q quit · s sort: config · f failures"


def test_ctrl_z(board: Switchboard, config: Path) -> None:
    """The terminal is given back while the program is stopped, and taken again when it goes on."""
    with terminal(*WATCH, folder=config.parent) as screen:
        screen.shows("Healthy: 10/10")
        screen.press("\x1a")
        screen.until(lambda: screen.stopped and not screen.alternate)
        assert given_back(screen)
        screen.signal(signal.SIGCONT)
        screen.shows("Healthy: 10/10", "q quit")
        assert screen.alternate
        assert not screen.echoes
        screen.press("q")
        assert screen.end() == 0
        assert given_back(screen)


def test_sigstop(board: Switchboard, config: Path) -> None:
    """The screen cannot be given back before; afterwards it is set up anew, but entered only once."""
    with terminal(*WATCH, folder=config.parent) as screen:
        screen.shows("Healthy: 10/10")
        screen.signal(signal.SIGCONT)
        screen.until(lambda: screen.raw.count(b"\x1b[2J") == 2)
        screen.signal(signal.SIGSTOP)
        screen.until(lambda: screen.stopped)
        screen.restore_modes()
        screen.signal(signal.SIGCONT)
        screen.until(lambda: screen.raw.count(b"\x1b[2J") == 3)
        screen.shows("Healthy: 10/10")
        assert not screen.echoes
        assert screen.raw.count(b"\x1b[?1049h") == 1
        screen.press("q")
        assert screen.end() == 0
        assert given_back(screen)


def test_ctrl_s(tmp_path: Path) -> None:
    """A terminal that is stopped holds up no check, and is given back nevertheless."""
    checks = tmp_path / "checks"
    _commands(tmp_path, ("Counted", f"echo >> {checks}"))
    with terminal(*WATCH, folder=tmp_path) as screen:
        screen.shows("Healthy: 1/1")
        screen.press("\x13")
        screen.drain()
        shown, made = len(screen.raw), checks.stat().st_size
        eventually(lambda: checks.stat().st_size > made + 5)
        screen.drain()
        assert len(screen.raw) == shown
        screen.press("q")
        assert screen.end() == 0
        assert given_back(screen)


def test_a_fault_in_the_middle(board: Switchboard, config: Path, tmp_path: Path) -> None:
    """Whatever goes wrong in healthmon itself, the terminal is given back before it is told."""
    (tmp_path / "sitecustomize.py").write_text(
        "import healthmon.core.history as history\n"
        "def remember(before, result):\n"
        "    if before: raise RuntimeError('on purpose')\n"
        "    return real(before, result)\n"
        "real, history.remember = history.remember, remember\n"
    )
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    with terminal(*WATCH, folder=config.parent, PYTHONPATH=path) as screen:
        assert screen.end() == 70
        assert any("Healthy: 10/10" in frame for frame in screen.frames)
        assert given_back(screen)
        assert "A fault in healthmon itself" in screen.text
        assert "on purpose" in screen.text.replace("\n", "")


def test_names_of_all_kinds(tmp_path: Path) -> None:
    """Wide characters and accents that combine keep the columns straight."""
    names = ["顧客管理システム", "Cafe\u0301 au lait", "한국어 서비스 이름이 아주 길다 길어", "Plain"]
    _commands(tmp_path, *((name, "exit 0") for name in names))
    with terminal(*WATCH, folder=tmp_path, NO_COLOR="1") as screen:
        screen.until(lambda: all(line.startswith("✓") for line in screen.lines[3:7]))
        begins = [unicodedata.normalize("NFC", line.split("  ")[0]) for line in screen.lines[3:7]]
        assert begins == ["✓ 顧客管理システム", "✓ Café au lait", "✓ 한국어 서비스 이름이 아주…", "✓ Plain"]
        assert {screen.column(line, ":") for line in range(3, 7)} == {screen.column(2, "S") + 2}


def test_escape_sequences_do_nothing(tmp_path: Path) -> None:
    """Neither in what a service says, nor in its name, which the config refuses."""
    _commands(tmp_path, ("Evil", r"printf '\033[2J\033]0;owned\007\233gone'; exit 2"), ("Plain", "exit 0"))
    with terminal(*WATCH, columns=120, folder=tmp_path) as screen:
        screen.shows("Healthy: 1/2", "✗ Evil", "gone", "✓ Plain")
        assert screen.title == ""
        assert screen.raw.count(b"\x1b[2J") == 1  # our own, at the beginning
    _commands(tmp_path, ("Evil\x1b[2J", "exit 0"))
    with terminal(*WATCH, folder=tmp_path) as screen:
        assert screen.end() == 78
        assert b"\x1b" not in screen.raw


def _commands(folder: Path, *services: tuple[str, str]) -> None:
    """Write a config of Nagios plugins: names, and what a shell does."""
    (folder / "services.toml").write_text(
        "".join(
            f'[[services]]\nid = "s{number}"\nname = {json.dumps(name)}\nurl = "exec:"\n'
            f'command = ["sh", "-c", {json.dumps(script)}]\nnagios = true\n'
            for number, (name, script) in enumerate(services)
        )
    )


def test_no_colour(board: Switchboard, config: Path) -> None:
    """NO_COLOR: a table without colours."""
    board.switch({"brain": Fault.UNAVAILABLE})
    with terminal(*WATCH, folder=config.parent, NO_COLOR="1") as screen:
        screen.shows("Healthy: 9/10", "✗ Brain")
        assert b"\x1b[3" not in screen.raw


def test_a_dumb_terminal(board: Switchboard, config: Path) -> None:
    """Report after report, without one escape sequence."""
    with terminal(*WATCH, folder=config.parent, TERM="dumb") as screen:
        screen.until(lambda: screen.text.count("Summary: Healthy: 10/10") == 3)
        screen.press("\x03")
        assert screen.end() == 130
        assert b"\x1b" not in screen.raw
        assert "\n\n2" in screen.text
