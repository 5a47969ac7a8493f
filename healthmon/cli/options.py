"""Options that several commands share, and the types of their values."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

import click

from healthmon.core.model import Service
from healthmon.core.selection import Selection, matches_id
from healthmon.core.units import Duration
from healthmon.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


class DurationType(click.ParamType[float]):
    """A duration such as ``10s``; the command gets seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration, or a number without unit as seconds."""
        try:
            seconds = Duration.parse(float(value) if _is_number(value) else value)
        except ValueError as error:
            self.fail(f"{value}: {error}", param, ctx)
        if not seconds:
            self.fail(f"{value}: expected more than zero", param, ctx)
        return seconds


class LineType(click.ParamType[str]):
    """Text. In an environment variable, a repeated option has one value a line."""

    name = "text"
    envvar_list_splitter = "\n"


class HostType(click.ParamType[str]):
    """A host's name or address, and nothing more."""

    name = "host"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the host; of a URL or a port it says what to write instead."""
        from healthmon.config.hosts import check_host

        try:
            return check_host(value)
        except ValueError as error:
            self.fail(f'"{value}": {error}', param, ctx)


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
        help="The config file. Default: $HEALTHMON_CONFIG, ./config/services.toml, ./services.toml, "
        "/etc/healthmon/services.toml.",
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


def color_option(command: F) -> F:
    """Add ``--color``."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colours: auto follows NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, TERM and the terminal.",
    )(command)


def selection_options(command: F) -> F:
    """Add the options that choose services: `only`, `skip`, `group`, `tag`, `phase` and `with_groups`."""
    options = (
        click.option("--only", multiple=True, type=LineType(), metavar="ID", help="Only these. Globs; repeatable."),
        click.option("--skip", multiple=True, type=LineType(), metavar="ID", help="Not these. Globs; repeatable."),
        click.option("--group", multiple=True, type=LineType(), metavar="GROUP", help="Only this group. Repeatable."),
        click.option("--tag", multiple=True, type=LineType(), metavar="TAG", help="Only with this tag. Repeatable."),
        click.option("--phase", type=click.IntRange(min=0), metavar="N", help="Only the phases up to and including N."),
        with_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def check_groups(groups: Iterable[str], services: Iterable[Service]) -> None:
    """Refuse a ``--with`` that names no group.

    Raises:
        UsageError: No service is in one of the groups.
    """
    known = {service.group for service in services if service.group}
    for group in groups:
        if group not in known:
            from healthmon.config.nearest import did_you_mean

            raise UsageError(f"--with {group}: no service is in this group{did_you_mean(group, known)}")


def check_selection(selection: Selection, services: Iterable[Service]) -> None:
    """Refuse what selects nothing: a typo must not leave a service unchecked without a word.

    Raises:
        UsageError: No service has an id that matches a pattern, or is in a group, or has a tag.
    """
    services = tuple(services)
    ids = [service.id for service in services]
    groups = {service.group for service in services if service.group}
    tags = {tag for service in services for tag in service.tags}
    for option, patterns, known in (
        ("--only", selection.only, ids),
        ("--skip", selection.skip, ids),
        ("--group", selection.groups, groups),
        ("--tag", selection.tags, tags),
    ):
        for pattern in patterns:
            if not any(matches_id(pattern, name) if known is ids else pattern == name for name in known):
                from healthmon.config.nearest import did_you_mean

                raise UsageError(f"{option} {pattern}: it matches no service{did_you_mean(pattern, known)}")


def refuse_nothing(chosen: Collection[Service], services: Iterable[Service], host: str | None) -> None:
    """Refuse to do nothing, and a HOST that would change nothing.

    Raises:
        UsageError: No service is chosen, or none of those that are has `{host}` in its URL although HOST is given.
    """
    services = tuple(services)
    if not services:
        raise UsageError("The config has no services: there is nothing to check. Write at least one [[services]].")
    if not chosen:
        raise UsageError(
            "The selection matches no enabled service. The services are: "
            + ", ".join(service.id if service.enabled else f"{service.id} (disabled)" for service in services)
        )
    if host is not None and not any(service.uses_host for service in chosen):
        raise UsageError(
            f"HOST {host}: no selected service has {{host}} in its URL, so it would change nothing. "
            "Leave it out, or write {host} in the config's URLs."
        )
