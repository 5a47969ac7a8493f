"""``healthmon validate``: is the config right?"""

import os
from pathlib import Path

import click

from healthmon.cli.options import check_groups, config_option, host_argument, with_option
from healthmon.config.load import find, load
from healthmon.core.model import Service


@click.command(short_help="Check the config without asking any service.")
@host_argument
@config_option
@with_option
@click.option("--show", is_flag=True, help="Print the effective config: defaults merged, secrets masked.")
def command(*, host: str | None, config: str | None, with_groups: tuple[str, ...], show: bool) -> None:
    """Check the config without asking any service. Every fault is told at once, with its file and line.

    HOST stands for {host} in the config's URLs, as in `healthmon check`.
    """
    path = find(config, environ=os.environ, cwd=Path.cwd())
    if show:
        from healthmon.config.show import show as effective

        click.echo(effective(path, environ=os.environ, host=host, with_groups=with_groups), nl=False)
    else:
        services = load(path, environ=os.environ, host=host, with_groups=with_groups).services
        check_groups(with_groups, services)
        click.echo(f"{path}: {_count(services)}, no faults")


def _count(services: tuple[Service, ...]) -> str:
    enabled = sum(service.enabled for service in services)
    disabled = len(services) - enabled
    noun = "service" if enabled == 1 else "services"
    return f"{enabled} {noun}" + (f" and {disabled} disabled" if disabled else "")
