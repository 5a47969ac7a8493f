"""``healthmon diagnose``: one service, layer by layer."""

import os
import sys
from pathlib import Path

import click
from msgspec import structs

from healthmon.cli import streams
from healthmon.cli.grouped import GroupedCommand
from healthmon.cli.options import DurationType, color_option, config_option, host_argument
from healthmon.config.load import find, load
from healthmon.config.nearest import did_you_mean, there_are
from healthmon.config.schema import Config
from healthmon.core.model import Service
from healthmon.core.safe_text import clean
from healthmon.errors import UsageError

_EXAMPLES = """\b
Examples:
  healthmon diagnose brain
  healthmon diagnose brain 203.0.113.10 --timeout 30s
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("id_", metavar="ID")
@host_argument
@config_option
@click.option("--timeout", type=DurationType(), help="Instead of the service's own timeout, such as 5s.")
@color_option
def command(*, id_: str, host: str | None, config: str | None, timeout: float | None, color: str) -> int:
    """Look at one service layer by layer: name, route, port, TLS, request, answer, expectations.

    ID is that of a service in the config, an enabled one or not. HOST is a name, an IPv4 or an IPv6 address; it stands
    for {host} in the config's URLs.

    On the machine where the service runs it also tells what listens on its port.

    The exit code is that of `healthmon check`: 0 when the service is healthy, otherwise 1.
    """
    import asyncio

    service, loaded = _find_service(id_, config, host)
    if host is not None and not service.uses_host:
        raise UsageError(f"HOST {host}: the URL of {service.id} has no {{host}}, so it would change nothing.")
    if timeout is not None:
        service = structs.replace(service, timeout=timeout)

    from healthmon.app.once import diagnose_one
    from healthmon.cli.diagnosis_text import render

    others = {other.address.port for other in loaded.services if other.id != service.id}
    diagnosis = asyncio.run(diagnose_one(service, others=others))
    streams.write_report(render(diagnosis, streams.appearance(sys.stdout, color)))
    return 0 if diagnosis.result.verdict.healthy else 1


def _find_service(id_: str, config: str | None, host: str | None) -> tuple[Service, Config]:
    path = find(config, environ=os.environ, cwd=Path.cwd())
    loaded = load(path, environ=os.environ, host=host)
    service = _by_id(id_, loaded)
    if not service.enabled:
        # Taken in, so that what its placeholders lack is told.
        loaded = load(path, environ=os.environ, host=host, with_ids=[id_])
        service = _by_id(id_, loaded)
    return service, loaded


def _by_id(id_: str, loaded: Config) -> Service:
    services = {service.id: service for service in loaded.services}
    if id_ not in services:
        near = did_you_mean(id_, services)
        raise UsageError(f'There is no service "{clean(id_)}"{near}{there_are("services", services)}')
    return services[id_]
