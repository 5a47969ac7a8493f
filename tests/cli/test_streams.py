"""Colours, by option, environment and terminal."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.streams import appearance, wants_colour


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "expected"),
    [
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"TERM": "xterm"}, True, True),
    ],
)
def test_wants_colour(choice: str, environ: dict[str, str], terminal: bool, expected: bool) -> None:
    """The first that says something decides."""
    assert expected == wants_colour(choice, environ, terminal=terminal)


@given(
    st.sampled_from(["always", "never"]),
    st.dictionaries(st.sampled_from(["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM"]), st.text(max_size=2)),
    st.booleans(),
)
def test_the_option_outranks_all(choice: str, environ: dict[str, str], terminal: bool) -> None:
    """Whatever the environment."""
    assert (choice == "always") == wants_colour(choice, environ, terminal=terminal)


@pytest.mark.parametrize(("encoding", "unicode"), [("utf-8", True), ("latin-1", False), ("ascii", False)])
def test_signs_follow_the_encoding(encoding: str, unicode: bool) -> None:
    """A stream that cannot write them gets ASCII."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert appearance(stream, "never").unicode is unicode
    assert appearance(stream, "always", verbose=True).colour
