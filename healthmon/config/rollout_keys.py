"""The keys of a rollout's file, and the types of their values."""

from typing import Any, Self

from msgspec import Struct

from healthmon.config.grammar import Texts
from healthmon.config.hosts import check_host
from healthmon.config.texts import Text
from healthmon.core.units import FilePath, PositiveDuration

_LONGEST_NAME = 40
_LONGEST_GRACE = 24 * 3600  # seconds


class CommandLine(tuple[str, ...]):
    """A command as it is written: one text, or the program and its arguments one by one."""

    __slots__ = ()
    description = 'a command, such as "docker compose up -d" or ["docker", "compose", "up", "-d"]'

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a command. What stands in one text is not taken apart yet.

        Raises:
            ValueError: It is none.
        """
        texts: list[Any] = value if isinstance(value, list) else [value]
        if not texts or not all(isinstance(text, str) and "\0" not in text for text in texts) or not texts[0].strip():
            raise ValueError(f"expected {cls.description}")
        return cls(texts)


class Grace(PositiveDuration):
    """How long something that is told to end may take."""

    __slots__ = ()
    description = 'a duration of more than zero and of at most a day, such as "500ms", "10s", "5m"'

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a duration.

        Raises:
            ValueError: It is not one, it is zero, or it is longer than a day.
        """
        duration = super().parse(value)
        if duration > _LONGEST_GRACE:
            raise ValueError(f"expected {cls.description}")
        return duration


class Host(Text):
    """A host's name or address."""

    __slots__ = ()
    description = "a host's name, an IPv4 or an IPv6 address"

    @classmethod
    def checked(cls, text: str) -> str:
        """The host itself.

        Raises:
            ValueError: It is none.
        """
        return check_host(text)


class Group(Text):
    """The name of a group; empty for none."""

    __slots__ = ()
    description = "the name of a group, or false for none"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a group.

        Raises:
            ValueError: It is none.
        """
        return cls("") if value is False else super().parse(value)

    @classmethod
    def checked(cls, text: str) -> str:
        """The name itself.

        Raises:
            ValueError: It is empty.
        """
        if not text:
            raise ValueError(f"expected {cls.description}")
        return text


class Name(Text):
    """The name of a phase. It stands before each line that its commands say."""

    __slots__ = ()
    description = f"a name of at most {_LONGEST_NAME} visible characters"

    @classmethod
    def checked(cls, text: str) -> str:
        """The name without blanks around it.

        Raises:
            ValueError: It is too long, empty, or not visible.
        """
        if not text.strip() or not text.isprintable() or len(text) > _LONGEST_NAME:
            raise ValueError(f"expected {cls.description}")
        return text.strip()


class Stable(int):
    """How often in a row."""

    __slots__ = ()
    description = "a whole number of at least 1"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a number.

        Raises:
            ValueError: It is none.
        """
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"expected {cls.description}")
        return cls(value)


class PhaseKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a phase.

    Attributes:
        name: Its name.
        phase: The services of all phases up to this number are to be healthy after it.
        deploy: The command that brings it about.
        rollback: The command that takes things back to the phase before.
        timeout: Within which time its services are to be healthy.
        stable: How many checks in a row must find each of them healthy.
    """

    name: Name
    phase: int
    deploy: CommandLine
    rollback: CommandLine | None = None
    timeout: PositiveDuration = PositiveDuration(300)
    stable: Stable = Stable(1)


class RolloutKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys at the top of a rollout's file.

    Attributes:
        config: The file with the services.
        host: What `{host}` stands for in it.
        prerequisites: The group that must be healthy before anything is deployed.
        skip: Services that are left out.
        shell: Whether commands are read by a shell.
        command_timeout: After which time a command is ended.
        grace: How long a command that is told to end may take until it is killed.
        phase: The phases.
    """

    config: FilePath | None = None
    host: Host | None = None
    prerequisites: Group | None = None
    skip: Texts | None = None
    shell: bool = False
    command_timeout: PositiveDuration = PositiveDuration(3600)
    grace: Grace = Grace(10)
    phase: list[PhaseKeys] = []
