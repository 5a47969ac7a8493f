"""Round after round, with real checks."""

import asyncio
from pathlib import Path

import pytest

from healthmon.app.interruption import Interruption
from healthmon.app.once import RunLimits
from healthmon.app.rounds import watch_all
from healthmon.config.load import load
from healthmon.core.model import Result
from healthmon.core.run import Run


class Remembering:
    """Remembers what it is told, and interrupts after so many rounds, or in the middle of the next."""

    def __init__(self, rounds: int, interruption: Interruption, *, within: bool = False) -> None:
        self.told = list[str]()
        self.pauses = list[float]()
        self._rounds = rounds
        self._interruption = interruption
        self._within = within

    def began(self) -> None:
        """A round begins."""
        self.told.append("began")
        if self._within and len(self.pauses) == self._rounds:
            self._interruption.event.set()

    def checked(self, result: Result) -> None:
        """A check has ended."""
        self.told.append(result.service.id)

    def ended(self, run: Run, pause: float) -> None:
        """A round has ended."""
        self.told.append(f"{run.healthy}/{len(run.results)}")
        self.pauses.append(pause)
        if not self._within and len(self.pauses) == self._rounds:
            self._interruption.event.set()


async def _watched(folder: Path, *clock: float, within: bool = False) -> Remembering:
    """What is told of rounds whose beginnings and ends the clock tells."""
    config = folder / "services.toml"
    config.write_text('[[services]]\nid = "a"\nname = "A"\nurl = "exec:"\ncommand = ["true"]\n')
    interruption = Interruption(asyncio.Event())
    watcher = Remembering(len(clock) // 2, interruption, within=within)
    times = iter(clock)
    await watch_all(
        load(config, environ={}, host=None).services,
        watcher,
        host=None,
        limits=RunLimits(),
        interval=0.1,
        interruption=interruption,
        clock=lambda: next(times),
    )
    return watcher


async def test_a_round_each_interval(tmp_path: Path) -> None:
    """From its beginning to that of the next; one that takes longer is followed by the next at once."""
    watcher = await _watched(tmp_path, 0.0, 0.04, 1.0, 7.0, 8.0, 8.1)
    assert watcher.told == ["began", "a", "1/1"] * 3
    assert watcher.pauses == pytest.approx([0.06, 0.0, 0.0])


async def test_an_interruption_within_a_round(tmp_path: Path) -> None:
    """What it cuts short is told to nobody."""
    watcher = await _watched(tmp_path, 0.0, 0.1, 1.0, within=True)
    assert watcher.told == ["began", "a", "1/1", "began"]
