"""Changes of config files are noticed, once they are still."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from healthmon.app.config_watch import Watching, watch_files
from healthmon.testing import run_jumping


def told_after(
    files: Callable[[], Sequence[str]], *changes: Callable[[], object], patterns: Sequence[str] = ()
) -> list[int]:
    """Make a change each ten seconds, and say after which of them it was told."""

    async def main() -> list[int]:
        told: list[int] = []
        made = 0

        def watched() -> Watching:
            return Watching(files(), patterns)

        async def changed() -> None:
            told.append(made)

        watching = asyncio.create_task(watch_files(watched, changed, every=1.0))
        await asyncio.sleep(10.5)
        for change in changes:
            change()
            made += 1
            await asyncio.sleep(10.0)
        watching.cancel()
        return told

    result = run_jumping(main)
    assert isinstance(result, list)
    return result


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config file."""
    path = tmp_path / "services.toml"
    path.write_text("one")
    return path


def test_nothing_is_told_while_nothing_changes(config: Path) -> None:
    """However long."""
    assert told_after(lambda: [str(config)], lambda: None, lambda: None) == []


def test_each_change_is_told_once(config: Path) -> None:
    """Written in place, replaced by another file, deleted, or there again."""
    other = config.with_name("other")
    told = told_after(
        lambda: [str(config)],
        lambda: config.write_text("three"),
        lambda: (other.write_text("four"), other.rename(config)),
        config.unlink,
        lambda: config.write_text("five"),
    )
    assert told == [1, 2, 3, 4]


def test_a_new_file_that_a_pattern_matches_is_told(config: Path, tmp_path: Path) -> None:
    """Also where nothing matched before; and that it has gone. Other files in the folder are none of its business."""
    folder = tmp_path / "conf.d"
    folder.mkdir()
    told = told_after(
        lambda: [str(config)],
        lambda: (folder / "state.jsonl").write_text("written by the program itself"),
        lambda: (folder / "a.toml").write_text("a"),
        lambda: (folder / "a.toml").write_text("ab"),
        (folder / "a.toml").unlink,
        patterns=[str(folder / "*.toml")],
    )
    assert told == [2, 3, 4]


def test_a_file_that_is_watched_from_now_on_is_no_change(config: Path, tmp_path: Path) -> None:
    """It was read a moment ago."""
    folder = tmp_path / "conf.d"
    folder.mkdir()
    (folder / "a.toml").write_text("a")
    files = [str(config)]

    def include() -> None:
        config.write_text("more")
        files.append(str(folder / "a.toml"))

    told = told_after(
        lambda: files,
        include,
        lambda: (folder / "a.toml").write_text("ab"),
    )
    assert told == [1, 2]


def test_a_folder_that_is_swapped_by_its_link_is_told(tmp_path: Path) -> None:
    """That is how Kubernetes changes a ConfigMap."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "services.toml").write_text(name)
    link = tmp_path / "current"
    link.symlink_to("first")

    def swap() -> None:
        new = tmp_path / "new"
        new.symlink_to("second")
        new.replace(link)

    assert told_after(lambda: [str(link / "services.toml")], swap) == [1]


def test_a_file_that_is_being_written_is_waited_for(config: Path) -> None:
    """It is told when two looks find the same."""

    def write(number: int) -> None:
        config.write_text("x" * (100 + number))

    async def main() -> tuple[list[float], float]:
        loop = asyncio.get_running_loop()
        told: list[float] = []

        async def changed() -> None:
            told.append(loop.time())

        watching = asyncio.create_task(watch_files(lambda: Watching([str(config)]), changed, every=1.0))
        await asyncio.sleep(0.5)
        for number in range(5):
            write(number)
            last = loop.time()
            await asyncio.sleep(1.0)
        await asyncio.sleep(5.0)
        watching.cancel()
        return told, last

    told, last = run_jumping(main)
    assert (told, last) == ([6.0], 4.5)
