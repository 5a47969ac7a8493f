"""What `healthmon rollout` is to do: read from its file, the services' config and the command line."""

import os
from pathlib import Path

from msgspec import Struct, structs

from healthmon.app.rollout import Undertaking
from healthmon.cli.choice import check_expected, refuse_nothing, with_timeout
from healthmon.cli.rollouts.request import Request
from healthmon.config.load import find, load
from healthmon.config.nearest import did_you_mean
from healthmon.config.rollout import Rollout, RolloutFile
from healthmon.config.schema import Config
from healthmon.core.safe_text import clean
from healthmon.core.selection import Selection
from healthmon.core.waiting import Pace
from healthmon.engine.journal import refuse_foreign
from healthmon.engine.whole_file import leads_to
from healthmon.errors import UsageError


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
    read = RolloutFile(request.file, os.environ)
    request = structs.replace(request, first=_first_phase(request, read.rollout))
    config = _load(read, request)
    undertaking = _undertaking(read.rollout, config, request)
    check_expected(config.expected, undertaking.services)
    journal = Path(request.journal) if request.journal else _beside(request.file)
    refuse_foreign(journal, [request.file, *config.files])
    return Order(request=request, undertaking=undertaking, config=config, journal=journal)


def _beside(file: Path) -> Path:
    """The journal of a rollout's file: one for all the names that the file has."""
    return (leads_to(file) if file.is_symlink() else file).with_suffix(".journal.jsonl")


def _first_phase(request: Request, rollout: Rollout) -> str | None:
    """The name of the phase to begin with, which may be given by its number where no other has that."""
    if request.first is None:
        return None
    if request.resume:
        raise UsageError("--from does nothing beside --resume, which goes on where it was; leave one of them out.")
    names = [phase.name for phase in rollout.phases]
    if request.first in names:
        return request.first
    numbered = [phase.name for phase in rollout.phases if str(phase.number) == request.first]
    if len(numbered) == 1:
        return numbered[0]
    if numbered:
        raise UsageError(f"--from {clean(request.first)}: several phases have this number: {', '.join(numbered)}")
    hint = did_you_mean(request.first, names) or f"; the phases are: {', '.join(names)}"
    raise UsageError(f"--from {clean(request.first)}: there is no phase of this name{hint}")


def _load(read: RolloutFile, request: Request) -> Config:
    """Read the services' config, the prerequisites enabled."""
    rollout, group = read.rollout, read.rollout.group

    def config() -> Config:
        return load(
            find(request.config or rollout.config, environ=os.environ, cwd=Path.cwd()),
            environ=os.environ,
            host=request.host or rollout.host,
            with_groups=[group] if group else [],
            expect=request.expect,
        )

    return read.beside(config, _pace(request))


def _pace(request: Request) -> Pace:
    return Pace(interval=request.interval, longest=max(request.interval, 10.0))


def _undertaking(rollout: Rollout, config: Config, request: Request) -> Undertaking:
    chosen = Selection(skip=rollout.skip).choose(config.services)
    refuse_nothing(chosen, config.services, request.host)
    services = with_timeout(chosen, request.timeout)
    before, group = rollout.phases[0].number, rollout.group
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
        pace=_pace(request),
        degraded=not request.strict,
    )
