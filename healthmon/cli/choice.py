"""Which services a command is for: the options that choose them, and the choice itself."""

import functools
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct, structs

from healthmon.cli.options import LineType, NumberType, config_option, host_argument, with_option
from healthmon.config.added import Added
from healthmon.config.load import find, load
from healthmon.config.schema import Chosen
from healthmon.core.model import Service
from healthmon.core.safe_text import clean
from healthmon.core.selection import Selection, matches_id
from healthmon.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


class ExpectType(LineType):
    """What is expected of a service, beside what the config says."""

    name = "expectation"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it."""
        try:
            return Added.parse(value)
        except ValueError as error:
            self.fail(f"{clean(value)}: {error}", param, ctx)


class Choice(Struct, frozen=True):
    """What the command line says of the services to choose.

    Attributes:
        config: The config file that was named, or None.
        host: What `{host}` is to stand for, or None.
        selection: The services to choose.
        with_groups: Groups whose disabled services take part.
        expect: What is expected of services beside what the config says.
    """

    config: str | None
    host: str | None
    selection: Selection
    with_groups: tuple[str, ...] = ()
    expect: tuple[Added, ...] = ()

    def path(self) -> Path:
        """The config file.

        Raises:
            ConfigError: There is none.
        """
        return find(self.config, environ=os.environ, cwd=Path.cwd())

    def choose(self, path: Path, *, empty: bool = False) -> Chosen:
        """Read the config and choose.

        Args:
            path: The config file.
            empty: Whether a config may have no services at all.

        Raises:
            ConfigError: The config is wrong.
            UsageError: Something that was named matches nothing, nothing is left to choose, or something is expected
                of what is not chosen.
        """
        config = load(path, environ=os.environ, host=self.host, with_groups=self.with_groups, expect=self.expect)
        check_groups(self.with_groups, config.services)
        check_selection(self.selection, config.services)
        services = self.selection.choose(config.services)
        if config.services or not empty:
            refuse_nothing(services, config.services, self.host)
        check_expected(config.expected, services)
        return Chosen(config, services)


def choice_options(command: F) -> F:
    """Add ``HOST``, ``--config`` and the options that choose services; the command gets a `choice`."""

    @functools.wraps(command)
    def packed(
        *,
        host: str | None,
        config: str | None,
        only: tuple[str, ...],
        skip: tuple[str, ...],
        group: tuple[str, ...],
        tag: tuple[str, ...],
        phase: int | None,
        with_groups: tuple[str, ...],
        **others: Any,
    ) -> Any:
        selection = Selection(only, skip, group, tag, phase)
        return command(choice=Choice(config, host, selection, with_groups), **others)

    options = (
        host_argument,
        config_option,
        click.option("--only", multiple=True, type=LineType(), metavar="ID", help="Only these. Globs; repeatable."),
        click.option("--skip", multiple=True, type=LineType(), metavar="ID", help="Not these. Globs; repeatable."),
        click.option("--group", multiple=True, type=LineType(), metavar="GROUP", help="Only this group. Repeatable."),
        click.option("--tag", multiple=True, type=LineType(), metavar="TAG", help="Only with this tag. Repeatable."),
        click.option("--phase", type=NumberType(0), metavar="N", help="Only the phases up to and including N."),
        with_option,
    )
    decorated: Any = packed
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def expect_option(command: F) -> F:
    """Add ``--expect`` to a command that has the options that choose services: it goes beneath `choice_options`."""

    @functools.wraps(command)
    def packed(*, choice: Choice, expect: tuple[Added, ...], **others: Any) -> Any:
        return command(choice=structs.replace(choice, expect=expect), **others)

    return bare_expect_option(packed)  # type: ignore[return-value]


def bare_expect_option(command: F) -> F:
    """Add ``--expect`` as `expect`."""
    return click.option(
        "--expect",
        multiple=True,
        type=ExpectType(),
        metavar="ID.KEY=TEXT",
        help="Expect this too: brain.json.version=1.4.2; := takes JSON, as in brain.status:=[200,204]. Repeatable.",
    )(command)


def with_timeout(services: tuple[Service, ...], timeout: float | None) -> tuple[Service, ...]:
    """The services, each with this timeout where one is given."""
    return services if timeout is None else tuple(structs.replace(service, timeout=timeout) for service in services)


def check_groups(groups: Iterable[str], services: Iterable[Service]) -> None:
    """Refuse a ``--with`` that names no group.

    Raises:
        UsageError: No service is in one of the groups.
    """
    known = dict.fromkeys(service.group for service in services if service.group)
    for group in groups:
        if group not in known:
            from healthmon.config.nearest import did_you_mean, there_are

            near = did_you_mean(group, known)
            raise UsageError(f"--with {clean(group)}: no service is in this group{near}{there_are('groups', known)}")


def check_selection(selection: Selection, services: Iterable[Service]) -> None:
    """Refuse what selects nothing: a typo must not leave a service unchecked without a word.

    Raises:
        UsageError: No service has an id that matches a pattern, or is in a group, or has a tag.
    """
    services = tuple(services)
    ids = [service.id for service in services]
    groups = dict.fromkeys(service.group for service in services if service.group)
    tags = dict.fromkeys(tag for service in services for tag in service.tags)
    for option, patterns, known, what in (
        ("--only", selection.only, ids, "services"),
        ("--skip", selection.skip, ids, "services"),
        ("--group", selection.groups, groups, "groups"),
        ("--tag", selection.tags, tags, "tags"),
    ):
        for pattern in patterns:
            if not any(matches_id(pattern, name) if known is ids else pattern == name for name in known):
                from healthmon.config.nearest import did_you_mean, there_are

                near = did_you_mean(pattern, known)
                raise UsageError(f"{option} {clean(pattern)}: it matches no service{near}{there_are(what, known)}")


def check_expected(expected: Mapping[str, tuple[str, ...]], chosen: Iterable[Service]) -> None:
    """Refuse to expect something of what is not checked: it would be ignored without a word.

    Raises:
        UsageError: Of the services that an expectation is for, none is chosen.
    """
    ids = {service.id for service in chosen}
    for text, meant in expected.items():
        if ids.isdisjoint(meant):
            them = f"{meant[0]} is not" if len(meant) == 1 else f"none of {', '.join(meant)} is"
            raise UsageError(f"--expect {clean(text)}: {them} selected, so it would be ignored.")


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
