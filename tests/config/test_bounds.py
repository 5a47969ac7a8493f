"""A config that no person would write is a wrong config, never a fault of healthmon itself."""

from pathlib import Path
from typing import Any

import pytest

from healthmon.config.bounds import DEEPEST, TOO_LARGE, beyond
from healthmon.config.grammar import check_jmespath
from healthmon.config.load import load, parse
from healthmon.config.locate import locate
from healthmon.core.answer import search
from healthmon.errors import ConfigError
from tests.config.texts import faults

SERVICE = '[[services]]\nname = "A"\nurl = "http://127.0.0.1/"\n'
MANY = "9" * 5001
DOTTED = ".".join("a" * 3000)
DEEP = f"more than {DEEPEST} tables or lists stand in each other"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{SERVICE}retries = {MANY}", f"4: not valid TOML: {TOO_LARGE}"),
        (f'{SERVICE}hint = "{MANY}"\nbody = """\n{MANY}\n"""\nretries = {MANY}', f"8: not valid TOML: {TOO_LARGE}"),
        (f"{SERVICE}expect.status = [\n200,\n0x{'f' * 5000}]", f"6: expect.status[1]: {TOO_LARGE}"),
        (f"{SERVICE}json = {2**63}", f"4: json: {TOO_LARGE}"),
        (f"{SERVICE}[daemon]\nmax_concurrency = {'9' * 400}", f"5: daemon.max_concurrency: {TOO_LARGE}"),
        (f"{SERVICE}{DOTTED} = 1", f"4: a.a.a.a.a.a...: {DEEP}"),
        (f"{DOTTED} = 1\n{SERVICE}", f"1: a.a.a.a.a.a...: {DEEP}"),
        (f"{SERVICE}[defaults.{DOTTED}]", f"4: defaults.a.a.a.a.a...: {DEEP}"),
        (f"{SERVICE}labels.{DOTTED} = 1", f"4: labels.a.a.a.a.a...: {DEEP}"),
        (f"{SERVICE}json = {'[' * 300}{']' * 300}", f"4: json[0][0][0][0][0]...: {DEEP}"),
        (f"{SERVICE}params = {'{a=' * 300}1{'}' * 300}", f"4: params.a.a.a.a.a...: {DEEP}"),
        (f"services = {'[' * 300}{']' * 300}", f"1: [0][0][0][0][0][0]...: {DEEP}"),
    ],
    ids=range(12),
)
def test_numbers_and_depths_have_bounds(text: str, fault: str) -> None:
    """With the line, and not all of a name that is thousands of keys long."""
    assert faults(text) == [fault]


def test_all_that_is_out_of_bounds_is_told_in_the_order_of_the_lines() -> None:
    """In one file."""
    text = f"{SERVICE}retries = {2**64}\nphase = {-(2**64)}\nlabels.{DOTTED} = 1\n"

    assert [fault.partition(":")[0] for fault in faults(text)] == ["4", "5", "6"]


def test_what_is_just_within_the_bounds_is_read() -> None:
    """And gets to the service."""
    deep: Any = 2**63 - 1
    for _ in range(DEEPEST - 3):
        deep = [deep]
    text = f"{SERVICE}json = {deep}\nexpect.json.a = {str(deep)[1:-1]}\n"

    (service,) = parse(text, environ={}).services

    assert service.options.json == deep
    assert list(beyond({"a": -(2**63), "b": True})) == []


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 3000 + "a" + ")" * 3000,
        "a[?" * 3000 + "b" + "]" * 3000,
        "!" * 3000 + "a",
        "|".join("a" * 3000),
        "length(" * 3000 + "a" + ")" * 3000,
        "`" + "[" * 3000 + "]" * 3000 + "`",
        "!" * 200 + "a",
    ],
    ids=range(7),
)
def test_an_expression_that_is_too_deep_is_a_fault(expression: str) -> None:
    """Also one that can be read, but perhaps not evaluated, which takes more of the stack."""
    (fault,) = faults(f"{SERVICE}expect.json = {{ '{expression}' = 1 }}")

    assert fault.startswith("4: expect.json.")
    assert fault.endswith(": not a JMESPath expression that can be evaluated: more than 100 parts stand in each other")


def test_an_expression_may_be_long() -> None:
    """What is not deep has no bound."""
    check_jmespath(".".join("a" * 3000))
    check_jmespath("!" * 99 + "a")
    assert search("!" * 98 + "a", {"a": 1}) is True


def test_a_number_in_an_expression_may_be_too_large() -> None:
    """Python would not read it."""
    (fault,) = faults(f'{SERVICE}expect.json = {{ "a[{MANY}]" = 1 }}')

    assert fault.endswith(": not a JMESPath expression: a number in it is too large")


def test_a_number_in_a_cron_expression_may_be_too_large() -> None:
    """As above."""
    (fault,) = faults(f'{SERVICE}[[maintenance]]\ncron = "{MANY} * * * *"\nduration = "1h"\n')

    assert fault.startswith("5: maintenance[0].cron: expected a cron expression")
    assert "whose numbers are valid; got" in fault


def test_a_pattern_of_files_may_have_too_many_parts(tmp_path: Path) -> None:
    """The search goes down level by level, too."""
    main = tmp_path / "services.toml"
    main.write_text(f'include = ["{"**/" * 3000}"]\n{SERVICE}')

    with pytest.raises(ConfigError) as caught:
        load(main, environ={})

    assert str(caught.value) == f"{main}:1: include[0]: the pattern has too many parts"


def test_lines_are_found_as_deep_as_python_goes() -> None:
    """Around the value, that is line enough."""
    lines = locate("a = 1\nb = " + "[" * 3000 + "]" * 3000 + "\n")

    assert (lines["a",], lines["b",], lines["b", 0, 0]) == (1, 2, 2)
