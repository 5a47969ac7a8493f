"""`healthmon check` in a terminal: the line while it waits, and the report that takes its place."""

from pathlib import Path

import pytest

from healthmon.demo.faults import Fault
from tests.deploy.switchboard import Switchboard
from tests.terminal.terminal import terminal

SIZES = [(80, 24), (40, 15)]


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_the_line_leaves_nothing_behind(board: Switchboard, config: Path, columns: int, lines: int) -> None:
    """It tells who is awaited, in one row of the terminal; then the report stands in its place."""
    board.switch({"brain": Fault.HANG})
    with terminal("check", "--timeout", "2s", columns=columns, lines=lines, folder=config.parent) as screen:
        screen.shows("9/10 checked, ", " waiting for")
        assert "\n" not in "\n".join(screen.lines).strip()
        assert screen.end() == 1
        assert "checked" not in screen.text
        assert "Summary: Healthy: 9/10" in screen.text
        assert b"\x1b[32m" in screen.raw


def test_no_colour(board: Switchboard, config: Path) -> None:
    """With NO_COLOR the line is drawn all the same."""
    board.switch({"brain": Fault.HANG})
    with terminal("check", "--timeout", "2s", folder=config.parent, NO_COLOR="1") as screen:
        screen.shows("9/10 checked")
        assert screen.end() == 1
        assert b"\x1b[3" not in screen.raw


def test_a_dumb_terminal(board: Switchboard, config: Path) -> None:
    """Gets the report, and not one escape sequence."""
    board.switch({"brain": Fault.HANG})
    with terminal("check", "--timeout", "1s", folder=config.parent, TERM="dumb") as screen:
        assert screen.end() == 1
        assert b"\x1b" not in screen.raw
        assert "Summary: Healthy: 9/10" in screen.text


def test_ctrl_c(board: Switchboard, config: Path) -> None:
    """What is known is printed, in the place of the line."""
    board.switch({"brain": Fault.HANG})
    with terminal("check", folder=config.parent) as screen:
        screen.shows("9/10 checked")
        screen.press("\x03")
        assert screen.end() == 130
        assert "9/10 checked" not in screen.text
        assert "Brain AI Gateway... ? UNKNOWN (interrupted)" in screen.text


def test_all_well(board: Switchboard, config: Path) -> None:
    """Nothing flashes."""
    with terminal("check", folder=config.parent) as screen:
        assert screen.end() == 0
        assert not any(" checked, " in frame for frame in screen.frames)
