"""Each example config finds its deployment healthy, and tells of each of its failures what its snapshot says."""

from pathlib import Path

import pytest

from healthmon.core.model import Verdict
from tests.examples.cases import CASES
from tests.examples.place import ROOT, check, report
from tests.examples.snapshots import FOLDER, path_of


@pytest.mark.parametrize("case", CASES)
async def test_the_report_is_the_reviewed_one(case: str, tmp_path: Path) -> None:
    """Word for word; `python -m tests.examples.snapshots` writes it anew, to be read again."""
    async with CASES[case](tmp_path) as place:
        run = await check(place)

    assert report(place, run) == path_of(case).read_text(encoding="utf-8")
    verdicts = {result.verdict for result in run.results}
    assert (verdicts == {Verdict.UP}) == case.endswith("-healthy")


def test_there_is_a_case_for_each_snapshot() -> None:
    assert set(CASES) == {path.stem for path in FOLDER.glob("*.txt")}


def test_each_example_has_cases() -> None:
    """The name of the file begins with that of its cases."""
    for path in (ROOT / "config/examples").glob("*.toml"):
        assert f"{path.stem.partition('-')[0]}-healthy" in CASES
