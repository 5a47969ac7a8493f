"""Writes the reports of all cases anew: ``python -m tests.examples.snapshots``. Read them before they are committed."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.examples.cases import CASES
from tests.examples.place import Scene, check, report

FOLDER = Path(__file__).parent / "snapshots"


def path_of(case: str) -> Path:
    """The file of a case's report."""
    return FOLDER / f"{case}.txt"


async def taken(scene: Scene, folder: Path) -> str:
    """The report of a case."""
    async with scene(folder) as place:
        return report(place, await check(place))


def main(*chosen: str) -> None:
    """Write the reports of the chosen cases, or of all, and remove those of cases that are no more."""
    for case, scene in CASES.items():
        if not chosen or case in chosen:
            with tempfile.TemporaryDirectory() as folder:
                path_of(case).write_text(asyncio.run(taken(scene, Path(folder))), encoding="utf-8")
    for path in FOLDER.glob("*.txt"):
        if path.stem not in CASES:
            path.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
