"""Reads the file of a rollout: what is deployed in which order, and what must be healthy after it."""

import os
import shlex
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from healthmon.config.convert import convert
from healthmon.config.explain import explain
from healthmon.config.faults import Faults
from healthmon.config.files import Source, read
from healthmon.config.kinds import kind_of
from healthmon.config.nearest import did_you_mean
from healthmon.config.rollout_keys import CommandLine, RolloutKeys
from healthmon.config.rollout_shell import shell_word
from healthmon.config.schema import Config
from healthmon.config.sections import positions
from healthmon.config.toml import dump
from healthmon.core.model import Service
from healthmon.core.rollout import Command, Phase
from healthmon.core.safe_text import clean
from healthmon.core.selection import Selection, matches_id
from healthmon.core.units import format_duration
from healthmon.core.waiting import Goal, Pace, least_wait
from healthmon.errors import ConfigError

INFRASTRUCTURE = "infrastructure"
"""The group that is checked first where the file names none and the config has it."""

_SHELL = "/bin/sh"
_LONGEST_SHOWN = 1000  # characters of a command


class Rollout(Struct, frozen=True, kw_only=True):
    """What a rollout's file says.

    Attributes:
        path: The file as the user named it.
        folder: Its folder, absolute: commands run here.
        phases: The phases, in their order.
        config: The file with the services, or None.
        host: What `{host}` stands for, or None for what the services' file says.
        prerequisites: The group that must be healthy first; empty for none, None where the file does not say.
        skip: Patterns of ids of services that are left out.
        command_timeout: Seconds after which a command is ended.
        grace: Seconds from when a command is told to end until it is killed.
    """

    path: str
    folder: str
    phases: tuple[Phase, ...]
    config: str | None
    host: str | None
    prerequisites: str | None
    skip: tuple[str, ...]
    command_timeout: float
    grace: float

    @property
    def group(self) -> str:
        """The group of the prerequisites, if there are services in it; empty for none."""
        return INFRASTRUCTURE if self.prerequisites is None else self.prerequisites

    def digest(self, expect: Sequence[str] = (), *, strict: bool = False) -> str:
        """A check sum of what it does, and of what decides whether that came about: a changed comment is no change.

        Args:
            expect: What is expected of services beside what their config says, in any order.
            strict: Whether a degraded service does not count as healthy.
        """
        meaning = structs.replace(self, path="", folder="", config=None)
        return sha256(msgspec.json.encode((meaning, sorted(expect), strict))).hexdigest()[:16]


class RolloutFile:
    """A rollout's file, and the faults that show only beside the services' config.

    Attributes:
        rollout: What it says.
    """

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        """Read the file, and look for the programs of all commands: the last phase's and the rollbacks', too.

        Args:
            path: The file.
            environ: The environment of the commands.

        Raises:
            ConfigError: What it says cannot be understood. Lists all of it, also the programs that are not there.
        """
        self._source = read(path)
        self._faults = Faults()
        self.rollout = _rollout(self._source, self._faults, environ.get("PATH"))

    def beside(self, load: Callable[[], Config], pace: Pace = Pace()) -> Config:  # noqa: B008 - frozen
        """Load the services' config, and check what the file says of its services, and what no waiting could bring.

        Args:
            load: Loads the config.
            pace: How often a service is checked that is not yet healthy.

        Raises:
            ConfigError: Something in either is wrong. Lists all of it.
            UsageError: Only what is expected beside what the files say is wrong.
        """
        self._check_stable(pace)
        try:
            config = load()
        except ConfigError as error:
            self._faults.extend(error.faults)
            raise self._faults.error() from None
        self._check(config.services)
        self._faults.raise_any()
        return config

    def _check_stable(self, pace: Pace) -> None:
        for index, phase in enumerate(self.rollout.phases):
            least = least_wait(Goal(stable=phase.stable), pace)
            if least >= phase.timeout:
                message = (
                    f"{phase.stable} checks in a row take at least {format_duration(least)} with an interval of "
                    f"{format_duration(pace.interval)}, so they cannot be made within the timeout of "
                    f"{format_duration(phase.timeout)}"
                )
                self._faults.add(self._source, ("phase", index, "stable"), message)

    def _check(self, services: Sequence[Service]) -> None:
        chosen = Selection(skip=self.rollout.skip).choose(services)
        numbers = {service.phase for service in chosen if service.phase is not None}
        for index, phase in enumerate(self.rollout.phases):
            if phase.number not in numbers:
                known = ", ".join(map(str, sorted(numbers))) or "none"
                message = f"no service has phase = {phase.number}, so nothing would be waited for; there are: {known}"
                self._faults.add(self._source, ("phase", index, "phase"), message)
        groups = {service.group for service in services if service.group}
        group = self.rollout.prerequisites
        if group and group not in groups:
            message = f"no service is in the group {dump(group)}{did_you_mean(group, groups)}"
            self._faults.add(self._source, ("prerequisites",), message)
        ids = [service.id for service in services]
        for pattern in self.rollout.skip:
            if not any(matches_id(pattern, id_) for id_ in ids):
                message = f"there is no service {dump(pattern)}{did_you_mean(pattern, ids)}"
                self._faults.add(self._source, ("skip",), message)


def _missing(program: str, folder: str, path: str | None) -> str | None:
    """Why a program cannot be run; None where it can."""
    if "/" not in program:
        return None if shutil.which(program, path=path) else f"there is no program {dump(program)} on the PATH"
    file = Path(folder, program)
    if not file.is_file():
        return f"there is no program {dump(program)}" + ("" if file == Path(program) else f" in {folder}")
    return None if os.access(file, os.X_OK) else f"{dump(program)} is not executable; make it so with chmod +x"


def _rollout(source: Source, faults: Faults, path: str | None) -> Rollout:
    """What a file says. Programs that are not there are noted; with any other fault, all of them are raised."""
    if "services" in source.table and "phase" not in source.table:
        message = 'this is a config of services; name the file of a rollout, which names this one by `config = "..."`'
        faults.add(source, ("services",), message, ())
        faults.raise_any()
    usable = list(positions(source, "phase", faults))
    if not faults:
        for finding in explain(source.table, source.table, kind_of(RolloutKeys), ()):
            faults.add(source, finding.path, finding.message, finding.path if finding.named else ())
        if not usable:
            message = "there are no phases; write at least one [[phase]] with name, phase and deploy"
            faults.add(source, ("phase",), message, ())
    shell = source.table.get("shell") is True
    commands = [_commands(source, faults, index, shell=shell) for index in usable]
    _check_order(source, faults, usable)
    understood = not faults
    folder = str(source.folder.absolute())
    for index, made in zip(usable, commands, strict=True):
        for key, command in made.items():
            if missing := _missing(command.arguments[0], folder, path):
                faults.add(source, ("phase", index, key), missing)
    if not understood:
        faults.raise_any()
    keys = convert(source.table, RolloutKeys)
    return Rollout(
        path=source.name,
        folder=folder,
        phases=tuple(
            Phase(
                name=str(phase.name),
                number=phase.phase,
                deploy=made["deploy"],
                rollback=made.get("rollback"),
                timeout=float(phase.timeout),
                stable=int(phase.stable),
            )
            for phase, made in zip(keys.phase, commands, strict=True)
        ),
        config=keys.config and _shortest(source.folder / keys.config),
        host=keys.host and str(keys.host),
        prerequisites=None if keys.prerequisites is None else str(keys.prerequisites),
        skip=tuple(keys.skip or ()),
        command_timeout=float(keys.command_timeout),
        grace=float(keys.grace),
    )


def _shortest(path: Path) -> str:
    """A path without ``folder/..`` where the same file is there without it: behind a link another one might be."""
    short = os.path.normpath(path)
    with suppress(OSError):
        if path.samefile(short):
            return short
    return str(path)


def _commands(source: Source, faults: Faults, index: int, *, shell: bool) -> dict[str, Command]:
    """The commands of a phase by their keys. What is no command at all is reported elsewhere."""
    table, made = source.table["phase"][index], {}
    for key in ("deploy", "rollback"):
        try:
            written = CommandLine.parse(table.get(key))
        except ValueError:
            continue
        try:
            made[key] = _command(written, shell=shell, text=isinstance(table[key], str))
        except ValueError as error:
            faults.add(source, ("phase", index, key), str(error))
    return made


def _command(written: CommandLine, *, shell: bool, text: bool) -> Command:
    """The command that a text, or a list, means.

    Raises:
        ValueError: It means none.
    """
    if shell:
        if not text:
            raise ValueError("with shell = true a command is one text, which the shell reads")
        return Command((_SHELL, "-c", written[0]), _shown(written[0]))
    if not text:
        return Command(tuple(written), _shown(shlex.join(written)))
    try:
        arguments = tuple(shlex.split(written[0]))
    except ValueError as error:
        raise ValueError(f"cannot be taken apart as a shell would: {str(error).lower()}") from None
    word = shell_word(written[0])
    if word is not None:
        raise ValueError(f"no shell reads {dump(word)} here: write shell = true, or the command as a list")
    return Command(arguments, _shown(written[0]))


def _shown(command: str) -> str:
    """A command on one line; of a script the first."""
    first, *rest = [line for line in map(str.strip, command.splitlines()) if line]
    return clean(first, limit=_LONGEST_SHOWN) + (" ..." if rest else "")


def _check_order(source: Source, faults: Faults, usable: Iterable[int]) -> None:
    """Report names that occur twice, and numbers that go back: services would have to vanish."""
    names: set[str] = set()
    highest = 0
    for index in usable:
        name, number = (source.table["phase"][index].get(key) for key in ("name", "phase"))
        if isinstance(name, str):
            if name.strip() in names:
                faults.add(source, ("phase", index, "name"), f"there is another phase {dump(name.strip())}")
            names.add(name.strip())
        if isinstance(number, int):
            if number < highest:
                message = f"{number} comes after {highest}; phases are written in the order in which they are deployed"
                faults.add(source, ("phase", index, "phase"), message)
            highest = max(highest, number)
