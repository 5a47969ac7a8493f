"""``healthmon validate``: is the config right?"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from healthmon.cli.choice import check_groups
from healthmon.cli.grouped import GroupedCommand
from healthmon.cli.options import config_option, host_argument, with_option
from healthmon.cli.streams import complain, write_report
from healthmon.config.load import find, load
from healthmon.core.model import Service
from healthmon.core.units import format_duration

_MOST_NOTES = 10

_EXAMPLES = """\b
Examples:
  healthmon validate
  healthmon validate staging.example.com --show
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@host_argument
@config_option
@with_option
@click.option("--show", is_flag=True, help="Print the effective config: defaults merged, secrets masked.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but faults.")
def command(*, host: str | None, config: str | None, with_groups: tuple[str, ...], show: bool, quiet: bool) -> None:
    """Check the config without asking any service. Every fault is told at once, with its file and line.

    HOST stands for {host} in the config's URLs, as in `healthmon check`.
    """
    path = find(config, environ=os.environ, cwd=Path.cwd())
    if show:
        from healthmon.config.show import show as effective

        write_report(effective(path, environ=os.environ, host=host, with_groups=with_groups))
    else:
        services = load(path, environ=os.environ, host=host, with_groups=with_groups).services
        check_groups(with_groups, services)
        if quiet:
            return
        write_report(f"{path}: {_count(services)}, no faults\n")
        for note in _notes(services):
            complain(f"note: {path}: {note}")


def _count(services: tuple[Service, ...]) -> str:
    enabled = sum(service.enabled for service in services)
    disabled = len(services) - enabled
    noun = "service" if enabled == 1 else "services"
    return f"{enabled} {noun}" + (f" and {disabled} disabled" if disabled else "")


def _notes(services: Sequence[Service]) -> Iterator[str]:
    """What is no fault, but probably not what was meant: checks that can last longer than their interval."""
    slow = [service for service in services if service.enabled and _longest(service) > service.interval]
    for service in slow[:_MOST_NOTES]:
        attempts = f" ({service.retries + 1} attempts)" if service.retries else ""
        longest, interval = format_duration(_longest(service)), format_duration(service.interval)
        text = f"{service.id}: a check may take {longest}{attempts}, longer than its interval of {interval}"
        yield f"{text}: turns will be skipped"
    if len(slow) > _MOST_NOTES:
        yield f"so it is with {len(slow) - _MOST_NOTES} more"


def _longest(service: Service) -> float:
    return service.timeout * (1 + service.retries)
