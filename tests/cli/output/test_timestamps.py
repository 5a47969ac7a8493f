"""The time before each line."""

import io
import sys

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli import group, main
from healthmon.cli.headings import flag
from healthmon.cli.output.plugin import PLUGINS
from healthmon.cli.output.timestamps import OPTION, STAMPING, StampedStream, errors_stamped, stamped

NOW = "2026-01-31T12:00:00Z"


def clock() -> float:
    """It stands still."""
    return 1_769_860_800.9


def test_each_line_has_its_time() -> None:
    """A line that is indented stays so; an empty one goes."""
    assert stamped("a\n\n    b\n \nc\n", clock) == f"{NOW} a\n{NOW}     b\n{NOW} c\n"
    assert stamped("", clock) == stamped("\n", clock) == ""


@given(st.lists(st.text(max_size=10), max_size=10))
def test_a_stream_that_comes_in_pieces_is_stamped_as_a_whole(pieces: list[str]) -> None:
    """Wherever it is cut; a last line without an end gets one."""
    raw = io.StringIO(newline="")
    stream = StampedStream(raw, clock)
    for piece in pieces:
        assert stream.write(piece) == len(piece)
        assert raw.getvalue() in ("", raw.getvalue().rstrip("\n") + "\n")
    stream.end()
    assert raw.getvalue() == stamped("".join(pieces), clock)


def test_it_is_a_stream_as_others_are() -> None:
    """For whoever asks whether it is a terminal, which then would be drawn on; it is none."""
    stream = StampedStream(sys.__stderr__ or io.StringIO())
    assert (stream.isatty(), stream.writable(), stream.encoding) == (False, True, "utf-8")
    assert sys.__stderr__
    assert stream.fileno() == sys.__stderr__.fileno()
    stream.flush()


def test_stderr_is_itself_again_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    """Also for commands without the option, and words behind `--`."""
    before = sys.stderr
    assert main(["check", "--timestamps", "--nonsense"]) == 2
    assert sys.stderr is before
    for line in capsys.readouterr().err.splitlines():
        assert line[:2] == "20"
        assert line[19] == "Z"
    for arguments in (["check", "--", "--timestamps"], ["run", "--timestamps"], []):
        with errors_stamped(arguments, {}):
            assert sys.stderr is before
    with errors_stamped(["check"], {"HEALTHMON_CHECK_TIMESTAMPS": " True "}):
        assert sys.stderr is not before
    assert sys.stderr is before


def test_who_has_the_options_that_are_looked_for_before_the_command_line_is_parsed() -> None:
    """Times before each line, and the format of plugins: to a command that is not named here both would be lost."""
    commands = group.LazyGroup("healthmon", commands_at=group.COMMANDS)
    context = click.Context(commands, info_name="healthmon")
    stamping, plugins = [], []
    for name in group.COMMANDS:
        command = commands.get_command(context, name)
        assert command
        options = {flag(one): one for one in command.params if isinstance(one, click.Option)}
        if OPTION in options:
            stamping.append(name)
        if "--format" in options and "nagios" in getattr(options["--format"].type, "choices", ()):
            plugins.append(name)
    assert sorted(stamping) == sorted(STAMPING)
    assert sorted(plugins) == sorted(PLUGINS)
