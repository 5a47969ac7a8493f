"""What a rollout is to do, as its files and the command line say."""

from pathlib import Path

import pytest

from healthmon.errors import UsageError
from tests.cli.rollouts.ordered import ordered


@pytest.mark.parametrize(("given", "meant"), [(None, None), ("two", "two"), ("2", "two"), ("3", "3 or so")])
def test_it_begins_with_a_phase(tmp_path: Path, given: str | None, meant: str | None) -> None:
    """By its name, or by its number, as the table shows both."""
    assert ordered(tmp_path, first=given).request.first == meant


def test_a_name_comes_before_a_number(tmp_path: Path) -> None:
    """Where a phase is called by the number of another."""
    more = '[[phase]]\nname = "2"\nphase = 1\ndeploy = "true"\n'
    assert ordered(tmp_path, first="2", head=more).request.first == "2"


def test_a_number_that_two_phases_have(tmp_path: Path) -> None:
    """Names none of them."""
    more = '[[phase]]\nname = "zero"\nphase = 1\ndeploy = "true"\n'
    with pytest.raises(UsageError, match=r"--from 1: several phases have this number: zero, one$"):
        ordered(tmp_path, first="1", head=more)


def test_the_journal_is_beside_the_file(tmp_path: Path) -> None:
    """Where nothing else is said; a circle of links is none."""
    assert ordered(tmp_path).journal == tmp_path / "rollout.journal.jsonl"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=r"--journal .*loop: Too many levels of symbolic links"):
        ordered(tmp_path, journal=str(tmp_path / "loop"))


def test_prerequisites_take_part(tmp_path: Path) -> None:
    """Those of a phase before the first; the others of their group come with their phase."""
    base = (
        '[[services]]\nid = "{0}"\nname = "x"\nurl = "tcp://127.0.0.1:1"\ngroup = "infrastructure"\nenabled = false\n'
    )
    config = base.format("db") + base.format("image") + "phase = 2\n"
    undertaking = ordered(tmp_path, config=config).undertaking
    assert [service.id for service in undertaking.prerequisites] == ["db"]
    assert [service.id for service in undertaking.up_to(1)] == ["s1", "db"]
    assert [service.id for service in undertaking.up_to(2)] == ["s1", "s2", "db", "image"]
