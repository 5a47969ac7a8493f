"""Options that several commands share, and the types of their values."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.types import OptionHelpExtra

from healthmon.core.safe_text import clean
from healthmon.core.units import Duration

F = TypeVar("F", bound=Callable[..., Any])


_NOTHING = '""'


class DurationType(click.ParamType[float]):
    """A duration such as ``10s``; the command gets seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration, or a number without unit as seconds."""
        try:
            seconds = Duration.parse(float(value) if _is_number(value) else value)
        except ValueError as error:
            self.fail(f"{clean(str(value))}: {error}", param, ctx)
        if not seconds:
            self.fail(f"{value}: expected more than zero", param, ctx)
        return seconds


class DefaultInWords(click.Option):
    """An option whose default is not a value, but shown as those of others are: click would put it into brackets."""

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """What stands behind its help."""
        return {**super().get_help_extra(ctx), "default": str(self.show_default)}


class NumberType(click.ParamType[int]):
    """A whole number within bounds, both included."""

    name = "n"

    def __init__(self, least: int, most: int | None = None) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if number < self.least or (self.most is not None and number > self.most):
            up = "on" if self.most is None else f"to {self.most}"
            self.fail(f"{clean(str(value))}: expected a whole number from {self.least} {up}", param, ctx)
        return number


class LineType(click.ParamType[str]):
    """Text. In an environment variable, a repeated option has one value a line."""

    name = "text"
    envvar_list_splitter = "\n"

    def split_envvar_value(self, rv: str) -> list[str]:
        """The lines but the empty ones: a block of text in YAML ends with a line feed."""
        return [line for line in rv.splitlines() if line]


class HostType(click.ParamType[str]):
    """A host's name or address, and nothing more."""

    name = "host"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the host; of a URL or a port it says what to write instead."""
        from healthmon.config.hosts import check_host

        if value.endswith(".toml"):
            known = {name for param in (ctx.command.params if ctx else ()) for name in param.opts}
            ways = " or ".join(f"{name}={value}" for name in ("--config", "--lock") if name in known)
            self.fail(f"{clean(value)}: this is the name of a file, not of a host; write {clean(ways)}", param, ctx)

        try:
            return check_host(value)
        except ValueError as error:
            self.fail(f"{clean(value) or _NOTHING}: {error}", param, ctx)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def host_argument(command: F) -> F:
    """Add ``HOST``."""
    return click.argument("host", required=False, type=HostType())(command)


def config_option(command: F) -> F:
    """Add ``--config``."""
    return click.option(
        "--config",
        metavar="FILE",
        help="The config. Default: $HEALTHMON_CONFIG, else services.toml in ./config, in . or in /etc/healthmon.",
    )(command)


def with_option(command: F) -> F:
    """Add ``--with``, as `with_groups`."""
    return click.option(
        "--with",
        "with_groups",
        multiple=True,
        type=LineType(),
        metavar="GROUP",
        help="Include the services of this group that are not enabled. Repeatable.",
    )(command)


def concurrency_option(command: F) -> F:
    """Add ``--concurrency``."""
    return click.option(
        "--concurrency",
        type=NumberType(1),
        default=100,
        show_default=True,
        help="The most checks under way at a time.",
    )(command)


def fail_on_option(command: F) -> F:
    """Add ``--fail-on``."""
    return click.option(
        "--fail-on",
        type=click.Choice(["down", "degraded"]),
        default="down",
        show_default=True,
        help="With degraded, a degraded service does not count as healthy.",
    )(command)


def timestamps_option(command: F) -> F:
    """Add ``--timestamps``."""
    return click.option(
        "--timestamps", is_flag=True, help="Begin each line with the time (UTC), for a log file. Draws nothing."
    )(command)


def color_option(command: F) -> F:
    """Add ``--color``."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colours: auto follows NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, TERM and the terminal.",
    )(command)
