"""The command lines that a rollout tells people to run."""

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.cli.choice import Choice, choice_options, expect_option
from healthmon.cli.options import DurationType
from healthmon.cli.rollouts.command_lines import again, anew, check
from tests.cli.rollouts.ordered import ordered

EXTRA = '[[services]]\nid = "x1"\nname = "x"\nurl = "tcp://127.0.0.1:1"\nphase = 1\n'
DATABASE = '[[services]]\nid = "db"\nname = "db"\nurl = "tcp://127.0.0.1:1"\ngroup = "infrastructure"\n'


def checks(folder: Path, **keys: object) -> list[str]:
    """For each phase the command that checks what is to be healthy before it, without its beginning."""
    order = ordered(folder, **keys)  # type: ignore[arg-type]
    start = f"healthmon check 127.0.0.1 --config {folder}/services.toml"
    found = [check(order.request, order.undertaking, order.config.expected, index) for index in range(3)]
    return [line.replace(start, "...") for line in found]


def test_what_is_checked_by_hand_is_what_the_rollout_checks(tmp_path: Path) -> None:
    """Nothing is known for before the first phase."""
    assert checks(tmp_path) == ["", "... --phase 1", "... --phase 2"]


def test_what_decides_is_checked_by_hand_too(tmp_path: Path) -> None:
    """Or a check would say that all is well where the rollout says that it is broken."""
    expect = ("s1.body.contains=the new one", "s2.status=204", "s*.latency=2s")
    found = checks(tmp_path, expect=expect, timeout=2.5, strict=True, head='skip = "x*"\n', config=EXTRA)[1:2]
    assert found == [
        (
            "... --phase 1 --skip 'x*' --expect 's1.body.contains=the new one' --expect 's*.latency=2s' --timeout 2.5 "
            "--fail-on degraded"
        )
    ]


def test_the_prerequisites_are_checked_by_hand(tmp_path: Path) -> None:
    """Alone before the first phase; HOST would change nothing there."""
    found = checks(tmp_path, config=DATABASE)
    assert found == [
        f"healthmon check --config {tmp_path}/services.toml --with infrastructure --only db",
        "... --with infrastructure --only s1 --only db",
        "... --with infrastructure --only s1 --only s2 --only db",
    ]


@click.command()
@choice_options
@expect_option
def chosen(*, choice: Choice) -> list[str]:
    """The ids of the services that `check` would choose."""
    return [service.id for service in choice.choose(choice.path()).services]


EXTRAS = st.fixed_dictionaries(
    {},
    optional={
        "phase": st.integers(min_value=0, max_value=4),
        "group": st.sampled_from(["infrastructure", "shared"]),
        "enabled": st.booleans(),
    },
)
HEADS = st.sampled_from(["", 'skip = "x0"\n', "prerequisites = false\n", 'prerequisites = "infrastructure"\n'])


@settings(max_examples=60, deadline=None)
@given(st.lists(EXTRAS, max_size=3), HEADS)
def test_it_selects_what_is_to_be_healthy(extras: list[dict[str, Any]], head: str) -> None:
    """Neither a prerequisite less, which would pass while it is down, nor a service more."""
    head = "" if head.startswith("pre") and not any("infrastructure" in one.values() for one in extras) else head
    head = "" if head.startswith("skip") and not extras else head
    config = "".join(
        f'[[services]]\nid = "x{number}"\nname = "x"\nurl = "tcp://127.0.0.1:1"\n'
        + "".join(f"{key} = {str(value).lower() if key != 'group' else repr(value)}\n" for key, value in one.items())
        for number, one in enumerate(extras)
    )
    with TemporaryDirectory() as folder:
        order = ordered(Path(folder), head=head, config=config)
        for index, number in enumerate((None, 1, 2)):
            wanted = [service.id for service in order.undertaking.up_to(number)]
            line = check(order.request, order.undertaking, order.config.expected, index)
            assert bool(line) == bool(wanted)
            if line:
                assert chosen.main(shlex.split(line)[2:], standalone_mode=False) == wanted, line


@pytest.mark.parametrize("typed", ["1234.5678", "1234567s", "100", "1.5s", "0.000001", "0.1"])
def test_durations_are_told_exactly(tmp_path: Path, typed: str) -> None:
    """Or what is resumed would not be what was begun."""
    seconds = DurationType().convert(typed, None, None)
    words = again(ordered(tmp_path, timeout=seconds, interval=seconds).request).split()
    told = [words[words.index(option) + 1] for option in ("--interval", "--timeout")]
    assert [DurationType().convert(text, None, None) for text in told] == [seconds, seconds], told


def test_going_on_and_beginning_anew_ask_for_the_same(tmp_path: Path) -> None:
    """With all options but what says where to begin."""
    order = ordered(
        tmp_path, host="127.0.0.2", journal="j", expect=("s1.status=200",), timeout=1.0, interval=2.0, strict=True,
        format="markdown", reports=("json=r.json",), first="two",
    )  # fmt: skip
    same = (
        f"healthmon rollout {tmp_path}/rollout.toml 127.0.0.2 --journal j --expect s1.status=200 --interval 2 "
        "--format markdown --report json=r.json --timeout 1 --fail-on degraded"
    )
    assert again(order.request) == f"{same} --resume"
    assert anew(order.request, order.undertaking, 0) == same
    assert anew(order.request, order.undertaking, 2) == f"{same} --from '3 or so'"
