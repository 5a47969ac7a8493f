"""Each example config finds its deployment healthy, and tells of each of its failures what its snapshot says."""

from pathlib import Path
from typing import Any

import pytest

from healthmon.core.model import Verdict
from tests.examples.cases import CASES
from tests.examples.place import check, report
from tests.examples.snapshots import FOLDER, path_of
from tests.examples.test_configs import EXAMPLES
from tests.programs.postgres import needs_postgres
from tests.programs.redis import needs_redis


def _case(name: str) -> Any:
    """The ten need the real databases."""
    return pytest.param(name, marks=[needs_postgres, needs_redis] if name.startswith("ten-") else [])


@pytest.mark.parametrize("case", [_case(name) for name in CASES])
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
    for path in EXAMPLES:
        assert f"{path.stem.partition('-')[0]}-healthy" in CASES
