"""The placeholders of the environment, of files and of credentials."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.config.placeholders import Origin, Placeholder, Undefined, split, value_of

_HERE = Path()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("${NAME}", [Placeholder(Origin.ENVIRONMENT, "NAME")]),
        ("a${NAME}b", ["a", Placeholder(Origin.ENVIRONMENT, "NAME"), "b"]),
        ("${NAME:-x y}", [Placeholder(Origin.ENVIRONMENT, "NAME", "x y")]),
        ("${NAME:-}", [Placeholder(Origin.ENVIRONMENT, "NAME", "")]),
        ("${file:a/b c}", [Placeholder(Origin.FILE, "a/b c")]),
        ("${credential:token}", [Placeholder(Origin.CREDENTIAL, "token")]),
        ("$${NAME}", ["${", "NAME}"]),
        ('{"a": "$1", "b": {}}', ['{"a": "$1", "b": {}}']),
        ("$NAME $", ["$NAME $"]),
    ],
)
def test_a_text_is_taken_apart(text: str, parts: list[str | Placeholder]) -> None:
    assert parts == split(text)


@pytest.mark.parametrize(
    "text",
    [
        "${}",
        "${",
        "${NAME",
        "${1A}",
        "${my name}",
        "${file:}",
        "${credential:}",
        "${credential:a/b}",
        "${credential:..}",
        "${env:NAME}",
        "${NAME:x}",
    ],
)
def test_what_is_no_placeholder_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        split(text)


@given(st.text())
def test_a_text_whose_dollars_are_doubled_stands_for_itself(text: str) -> None:
    assert text == "".join(str(part) for part in split(text.replace("${", "$${")))


@given(
    st.lists(
        st.text("ab {$", max_size=3).filter(lambda text: "${" not in text and not text.endswith("$"))
        | st.builds(
            Placeholder, st.just(Origin.ENVIRONMENT), st.sampled_from(["A", "_b1"]), st.none() | st.text("xy -")
        )
        | st.builds(Placeholder, st.just(Origin.FILE), st.text("ab/. ", min_size=1))
        | st.builds(Placeholder, st.just(Origin.CREDENTIAL), st.text("ab", min_size=1))
    )
)
def test_what_is_written_is_read_again(parts: list[str | Placeholder]) -> None:
    text = "".join(map(str, parts))

    assert text == "".join(map(str, split(text)))
    assert [part for part in parts if isinstance(part, Placeholder)] == [
        part for part in split(text) if isinstance(part, Placeholder)
    ]


def test_a_variable_has_the_value_of_the_environment() -> None:
    assert value_of(Placeholder(Origin.ENVIRONMENT, "A"), environ={"A": "1"}, folder=_HERE) == "1"
    assert value_of(Placeholder(Origin.ENVIRONMENT, "A"), environ={"A": ""}, folder=_HERE) == ""


def test_a_default_stands_for_a_variable_that_is_not_set_or_empty() -> None:
    placeholder = Placeholder(Origin.ENVIRONMENT, "A", "x")

    assert [value_of(placeholder, environ=environ, folder=_HERE) for environ in ({}, {"A": ""}, {"A": "1"})] == [
        "x",
        "x",
        "1",
    ]


def test_a_variable_without_a_value_says_how_to_give_it_one() -> None:
    with pytest.raises(Undefined, match=r"variable A is not set; set it, or write \$\{A:-default\}"):
        value_of(Placeholder(Origin.ENVIRONMENT, "A"), environ={}, folder=_HERE)


def test_a_file_is_relative_to_the_folder_and_its_last_line_end_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("sesame\r\n")

    assert value_of(Placeholder(Origin.FILE, "token"), environ={}, folder=tmp_path) == "sesame"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe")

    with pytest.raises(Undefined, match="is not UTF-8 text"):
        value_of(Placeholder(Origin.FILE, "token"), environ={}, folder=tmp_path)


def test_a_credential_is_in_the_folder_that_systemd_names(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("sesame")
    placeholder = Placeholder(Origin.CREDENTIAL, "token")

    assert value_of(placeholder, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}, folder=_HERE) == "sesame"
    with pytest.raises(Undefined, match="No such file"):
        value_of(placeholder, environ={"CREDENTIALS_DIRECTORY": str(tmp_path / "other")}, folder=_HERE)


@pytest.mark.parametrize("default", [None, "x"])
def test_a_variable_that_is_not_text_is_refused(default: str | None) -> None:
    """Python reads a byte that is not UTF-8 as half a surrogate pair, which nothing can send."""
    with pytest.raises(Undefined, match="the environment variable TOKEN is not UTF-8 text"):
        value_of(Placeholder(Origin.ENVIRONMENT, "TOKEN", default), environ={"TOKEN": "a\udcff"}, folder=Path())
