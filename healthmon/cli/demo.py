"""``healthmon demo``: the ten services as local servers, with faults to order."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healthmon.cli.grouped import GroupedCommand
from healthmon.cli.options import LineType, NumberType
from healthmon.cli.program import PROGRAM
from healthmon.cli.streams import complain
from healthmon.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    Servers = AbstractAsyncContextManager[dict[str, int]]

_EXAMPLES = """\b
Examples:
  healthmon demo -- healthmon check 127.0.0.1
  healthmon demo --fail brain=503 --fail auth=hang -- healthmon check 127.0.0.1
"""


@click.command(
    cls=GroupedCommand,
    # What follows the first word of CMD belongs to CMD, options too.
    context_settings={"allow_interspersed_args": False},
    epilog=_EXAMPLES,
)
@click.option(
    "--fail",
    multiple=True,
    type=LineType(),
    metavar="ID=FAULT",
    help="Let a service fail: 503, 500, 404, hang, slow, reset, garbage, wrong-json or closed. Repeatable.",
)
@click.option("--phase", type=NumberType(1, 4), help="Start only the phases up to and including this one.")
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="A loopback address to listen on, such as 127.0.0.2 where the ports are taken.",
)
@click.argument("program", metavar=PROGRAM, nargs=-1, type=click.UNPROCESSED)
def command(*, fail: tuple[str, ...], phase: int | None, host: str, program: tuple[str, ...]) -> int:
    """Run the ten services as local servers on ports 8000 to 8009.

    With CMD, run it against them, then stop and end with its exit code. Without, wait for Ctrl-C.
    """
    import asyncio

    from healthmon.demo import running, select_phase
    from healthmon.demo.faults import parse_faults
    from healthmon.demo.listing import list_services

    _check_loopback(host)
    faults = parse_faults(fail, select_phase(phase))
    with ExitStack() as stack:
        packaged = None if _has_config() else _packaged_config(stack)
        servers = running(faults=faults, phase=phase, host=host)
        if program:
            environ = {**os.environ, "HEALTHMON_CONFIG": str(packaged)} if packaged else os.environ
            return asyncio.run(_run(servers, program, environ))
        listing = list_services(select_phase(phase), faults, host=host, config=packaged, phase=phase)
        return asyncio.run(_wait(servers, listing))


async def _run(servers: "Servers", program: tuple[str, ...], environ: Mapping[str, str]) -> int:
    from healthmon.demo.program import run_program

    async with servers:
        return await run_program(program, environ)


async def _wait(servers: "Servers", listing: str) -> int:
    from healthmon.demo.program import catch_signal

    with catch_signal() as ended:
        async with servers:
            complain(listing)
            return await ended


def _check_loopback(host: str) -> None:
    import ipaddress

    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(f"--host {host}: write a loopback address, such as 127.0.0.2 or ::1.")


def _has_config() -> bool:
    from healthmon.config.load import find

    try:
        find(None, environ=os.environ, cwd=Path.cwd())
    except ConfigError:
        return False
    return True


def _packaged_config(stack: ExitStack) -> Path:
    """The copy of the ten services' config that came with the program."""
    from importlib.resources import as_file, files

    return stack.enter_context(as_file(files("healthmon.config") / "services.toml"))
