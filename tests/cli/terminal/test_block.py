"""A block drawn anew in its place, on a terminal emulator."""

import pyte

from healthmon.cli.terminal.block import Block


def test_drawn_anew_in_its_place() -> None:
    """What stays goes above it; nothing of an older block is left."""
    screen = pyte.Screen(20, 6)
    terminal = pyte.Stream(screen)
    screen.set_mode(pyte.modes.LNM)
    block = Block(lambda: 20)
    terminal.feed("$ wait\n")
    terminal.feed(block("", ["one", "\x1b[32mtwo\x1b[0m", "three"]))
    terminal.feed(block("a line\n", ["four", "five"]))
    assert [line.rstrip() for line in screen.display] == ["$ wait", "a line", "four", "five", "", ""]
    terminal.feed(block("", []))
    terminal.feed("report")
    assert [line.rstrip() for line in screen.display] == ["$ wait", "a line", "report", "", "", ""]


def test_at_the_bottom_of_the_screen() -> None:
    """Where the block makes the text scroll."""
    screen = pyte.Screen(20, 3)
    terminal = pyte.Stream(screen)
    screen.set_mode(pyte.modes.LNM)
    block = Block(lambda: 20)
    terminal.feed("$ wait\n")
    for number in range(3):
        terminal.feed(block("", ["one", "two", str(number)]))
    assert [line.rstrip() for line in screen.display] == ["one", "two", "2"]


def test_narrower() -> None:
    """The terminal has wrapped what had room before."""
    columns = 20
    block = Block(lambda: columns)
    block("", ["x" * 19, "y" * 10, "z" * 19])
    columns = 10
    assert block("", []) == "\r\x1b[3A\x1b[J"


def test_typed_meanwhile() -> None:
    """What the terminal echoes, such as ^C, leaves nothing behind."""
    screen = pyte.Screen(20, 6)
    terminal = pyte.Stream(screen)
    screen.set_mode(pyte.modes.LNM)
    block = Block(lambda: 20)
    terminal.feed(block("", ["one", "x" * 19]))
    terminal.feed("^C")
    terminal.feed(block("", []))
    assert not "".join(screen.display).strip()


def test_forgotten() -> None:
    """A shell has written below it."""
    block = Block(lambda: 20)
    block("", ["one", "two"])
    block.forget()
    assert block("", ["one"]) == "one\r"
