"""`healthmon rollout` in a terminal: what is told of each phase stays, the block beneath comes and goes."""

from pathlib import Path

import pytest

from healthmon.demo.faults import Fault
from tests.conftest import Healthmon
from tests.deploy.switchboard import Switchboard
from tests.terminal.terminal import terminal

FILE = """
config = "services.toml"
prerequisites = false

[[phase]]
name = "shop"
phase = 1
deploy = "echo the shop"
timeout = "60s"

[[phase]]
name = "core"
phase = 2
deploy = "echo the core"
rollback = "echo back"
timeout = "{timeout}"
"""


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 15)])
def test_a_rollout(board: Switchboard, config: Path, columns: int, lines: int) -> None:
    """The block of the phase that is waited for, beneath what has been told; at the end only the table."""
    board.switch({"brain": Fault.UNAVAILABLE})
    config.with_name("rollout.toml").write_text(FILE.format(timeout="60s"))
    with terminal("rollout", "rollout.toml", columns=columns, lines=lines, folder=config.parent) as screen:
        screen.shows("core | the core", "Waiting for 1 of ", "✗ Brain AI Gate", "HTTP 503")
        assert screen.text.index("core | the core") < screen.text.index("Waiting for")
        board.switch({"brain": None})
        assert screen.end() == 0
        assert " left of " not in screen.text
        assert "shop | the shop" in screen.text
        assert "Deployed: 2 phases" in screen.text


def test_rolled_back(board: Switchboard, config: Path) -> None:
    """No block is left behind, neither that of the phase that failed nor that of what it went back to."""
    board.switch({"brain": Fault.UNAVAILABLE})
    config.with_name("rollout.toml").write_text(FILE.format(timeout="2s"))
    with terminal("rollout", "rollout.toml", columns=160, folder=config.parent, NO_COLOR="1") as screen:
        assert screen.end() == 1
        assert any("Waiting for 1 of 4" in frame for frame in screen.frames)
        assert " left of " not in screen.text
        assert "core | back" in screen.text
        assert "rolled back" in screen.text
        assert b"\x1b[3" not in screen.raw


def test_ctrl_c(board: Switchboard, config: Path) -> None:
    """The table takes the place of the block, and says how to go on."""
    board.switch({"brain": Fault.UNAVAILABLE})
    config.with_name("rollout.toml").write_text(FILE.format(timeout="60s"))
    with terminal("rollout", "rollout.toml", folder=config.parent) as screen:
        screen.shows("Waiting for 1 of 4")
        screen.press("\x03")
        assert screen.end() == 130
        assert "Waiting for" not in screen.text
        assert " left of " not in screen.text
        assert "--resume" in screen.text


def test_a_dumb_terminal(board: Switchboard, config: Path) -> None:
    """Lines, and not one escape sequence."""
    board.switch({"brain": Fault.UNAVAILABLE})
    config.with_name("rollout.toml").write_text(FILE.format(timeout="60s"))
    with terminal("rollout", "rollout.toml", columns=160, folder=config.parent, TERM="dumb") as screen:
        screen.shows("✗ brain: HTTP 503, expected 200 or 302 [status]")
        board.switch({"brain": None})
        assert screen.end() == 0
        assert "✓ brain: healthy after " in screen.text
        assert b"\x1b" not in screen.raw


def test_a_pipe(config: Path, healthmon: Healthmon) -> None:
    """The table on stdout, what has been done on stderr, and no escape sequence in either."""
    config.with_name("rollout.toml").write_text(FILE.format(timeout="60s"))
    done = healthmon("rollout", config.with_name("rollout.toml"))
    assert done.returncode == 0
    assert done.stdout.startswith("Phase")
    assert "core | the core" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
