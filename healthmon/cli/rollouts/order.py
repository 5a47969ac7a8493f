"""What `healthmon rollout` is asked for: read from its file, the services' config, the command line and the journal."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import join

from msgspec import Struct, structs

from healthmon.app.rollout import Undertaking
from healthmon.cli.choice import check_expected, refuse_nothing, with_timeout
from healthmon.config.added import Added
from healthmon.config.load import find, load
from healthmon.config.nearest import did_you_mean
from healthmon.config.rollout import INFRASTRUCTURE, Rollout, RolloutFile
from healthmon.config.schema import Config
from healthmon.core.journal import AnyEntry, Started
from healthmon.core.recall import recall
from healthmon.core.rollout import Position, beginning, next_step
from healthmon.core.safe_text import clean
from healthmon.core.selection import Selection
from healthmon.core.waiting import Pace
from healthmon.engine.journal import refuse_foreign
from healthmon.errors import UsageError

INTERVAL = 1.0
"""Seconds between two checks of a service that is not healthy yet, where nothing else is said."""


class Request(Struct, frozen=True, kw_only=True):
    """What the command line says.

    Attributes:
        file: The rollout's file.
        host: What `{host}` is to stand for, or None.
        config: The file with the services, or None.
        journal: Where the rollout is written down, or None.
        resume: Whether it goes on with the last one.
        expect: What is expected of services beside what their config says.
        timeout: Seconds instead of each service's own timeout, or None.
        interval: Seconds between two checks of a service that is not healthy yet.
        strict: Whether a degraded service does not count as healthy.
        first: The phase to begin with, or None.
        format: What stdout gets.
        reports: The reports that are written to files, as they were typed.
    """

    file: Path
    host: str | None
    config: str | None
    journal: str | None
    resume: bool
    expect: tuple[Added, ...]
    timeout: float | None
    interval: float
    strict: bool
    first: str | None = None
    format: str = "text"
    reports: tuple[str, ...] = ()

    @property
    def expected(self) -> tuple[str, ...]:
        """What is expected besides, as it was typed."""
        return tuple(added.text for added in self.expect)

    def again(self) -> str:
        """The command that resumes it. With which phase it began is in the journal."""
        return join([*self._words(), "--resume"])

    def anew(self, phase: str | None) -> str:
        """The command that begins anew, with a phase or, None, with the first of all."""
        return join([*self._words(), *(["--from", phase] if phase else [])])

    def _words(self) -> list[str]:
        words = ["healthmon", "rollout", str(self.file), *([self.host] if self.host else [])]
        options = [("--config", self.config), ("--journal", self.journal)]
        options += [("--expect", text) for text in self.expected]
        options += [("--timeout", None if self.timeout is None else f"{self.timeout:g}")]
        options += [("--interval", None if self.interval == INTERVAL else f"{self.interval:g}")]
        options += [("--fail-on", "degraded" if self.strict else None)]
        options += [("--format", None if self.format == "text" else self.format)]
        options += [("--report", text) for text in self.reports]
        return words + [word for option, value in options if value is not None for word in (option, value)]


class Order(Struct, frozen=True, kw_only=True):
    """What is to be done.

    Attributes:
        request: What the command line says.
        undertaking: The rollout.
        config: The services' config.
        journal: Where the rollout is written down.
    """

    request: Request
    undertaking: Undertaking
    config: Config
    journal: Path

    def digest(self) -> str:
        """A check sum of what is to be done."""
        return self.undertaking.rollout.digest(self.request.expected, strict=self.request.strict)


def order_of(request: Request) -> Order:
    """Read all that says what is to be done.

    Raises:
        ConfigError: Something in the rollout's file or in the services' config is wrong.
        UsageError: HOST would change nothing, something is expected of what takes no part, there is no phase to begin
            with of this name, or the journal would be somebody else's file.
    """
    read = RolloutFile(request.file)
    _check_first(request, read.rollout)
    config = _load(read, request)
    undertaking = _undertaking(read.rollout, config, request)
    check_expected(config.expected, undertaking.services)
    journal = Path(request.journal) if request.journal else _beside(request.file)
    refuse_foreign(journal, [request.file, *config.files])
    return Order(request=request, undertaking=undertaking, config=config, journal=journal)


def _beside(file: Path) -> Path:
    """The journal of a rollout's file: one for all the names that the file has."""
    return (file.resolve() if file.is_symlink() else file).with_suffix(".journal.jsonl")


def _check_first(request: Request, rollout: Rollout) -> None:
    if request.first is None:
        return
    if request.resume:
        raise UsageError("--from does nothing beside --resume, which goes on where it was; leave one of them out.")
    names = [phase.name for phase in rollout.phases]
    if request.first not in names:
        hint = did_you_mean(request.first, names) or f"; the phases are: {', '.join(names)}"
        raise UsageError(f"--from {clean(request.first)}: there is no phase of this name{hint}")


def _load(read: RolloutFile, request: Request) -> Config:
    """Read the services' config, the prerequisites enabled."""
    rollout = read.rollout
    path = find(request.config or rollout.config, environ=os.environ, cwd=Path.cwd())
    group = _first(rollout)
    config = load(
        path,
        environ=os.environ,
        host=request.host or rollout.host,
        with_groups=[group] if group else [],
        expect=request.expect,
    )
    read.check(config.services)
    read.check_programs(os.environ)
    return config


def _first(rollout: Rollout) -> str:
    """The group of the prerequisites; empty for none."""
    return INFRASTRUCTURE if rollout.prerequisites is None else rollout.prerequisites


def _undertaking(rollout: Rollout, config: Config, request: Request) -> Undertaking:
    chosen = Selection(skip=rollout.skip).choose(config.services)
    refuse_nothing(chosen, config.services, request.host)
    services = with_timeout(chosen, request.timeout)
    before, group = rollout.phases[0].number, _first(rollout)
    prerequisites = [
        service
        for service in services
        if group and service.group == group and (service.phase is None or service.phase < before)
    ]
    return Undertaking(
        rollout=structs.replace(rollout, host=config.host),
        config=config.path,
        host=config.host,
        prerequisites=prerequisites,
        services=[service for service in services if service.phase is not None or service in prerequisites],
        environ=dict(os.environ),
        pace=Pace(interval=request.interval, longest=max(request.interval, 10.0)),
        degraded=not request.strict,
    )


def position_of(order: Order, entries: Sequence[AnyEntry]) -> Position:
    """Where to go on from.

    Raises:
        UsageError: There is nothing to go on with, or it is not the same rollout any more.
    """
    undertaking = order.undertaking
    phases = undertaking.rollout.phases
    position = recall(phases, entries)
    if not order.request.resume:
        return beginning(phases, order.request.first)
    if position.started is None:
        raise UsageError("--resume: the journal tells of no rollout, so there is nothing to go on with; leave it out.")
    if position.ended:
        raise UsageError(
            f"--resume: the rollout begun {_when(position)} is over, so there is nothing to go on with; leave it out "
            "to begin anew."
        )
    if position.started.digest != order.digest():
        raise UsageError(
            f"--resume: {_changed(order, position.started)} since the rollout began {_when(position)}, so what was "
            "done may not be what is to be done now. Take that back, or leave --resume out to begin anew."
        )
    return position


def _changed(order: Order, started: Started) -> str:
    """What is not what it was."""
    request, rollout = order.request, order.undertaking.rollout
    pairs = (
        ("the host", started.host or "no host", order.undertaking.host or "no host"),
        ("what is expected (--expect)", _listed(started.expect), _listed(request.expected)),
        ("--fail-on", *("degraded" if strict else "down" for strict in (started.strict, request.strict))),
    )
    for what, there, here in pairs:
        if there != here:
            return f"{what} was {there} and is {here}"
    return f"{rollout.path} has changed"


def _listed(expected: Sequence[str]) -> str:
    return ", ".join(map(clean, sorted(expected))) or "nothing"


def left_behind(order: Order, entries: Sequence[AnyEntry]) -> Iterator[str]:
    """That the last rollout was not brought to its end, where this one begins anew."""
    phases = order.undertaking.rollout.phases
    position = recall(phases, entries)
    over = position.ended or next_step(phases, position) is None
    if position.begun and not over and not order.request.resume:
        yield (
            f"The last rollout, begun {_when(position)}, was not brought to its end. This one begins anew, with the "
            f"first phase. To go on with that one instead, interrupt this one and run: {order.request.again()}"
        )


def _when(position: Position) -> str:
    return position.started.at[:19].replace("T", " ") + " UTC" if position.started else "at a time that is lost"
