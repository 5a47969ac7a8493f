"""``healthmon run``: the daemon."""

import os
import re
import signal
import sys
from collections.abc import Mapping
from typing import Any

import click

from healthmon.cli.choice import Choice, choice_options
from healthmon.cli.grouped import GroupedCommand
from healthmon.config.schema import Chosen
from healthmon.core.safe_text import clean
from healthmon.errors import UsageError


class ListenType(click.ParamType[tuple[str, int]]):
    """An address and a port, such as ``127.0.0.1:9877``."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Read them."""
        from healthmon.config.daemon import Listen

        try:
            host, port = Listen.parse(value)
        except ValueError as error:
            self.fail(f"{clean(value)}: {error}", param, ctx)
        return host, port


_EXAMPLES = """\b
Examples:
  healthmon run 203.0.113.10
  healthmon run 203.0.113.10 --state /var/lib/healthmon/ --watch-config
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@choice_options
@click.option(
    "--listen",
    type=ListenType(),
    metavar="ADDRESS:PORT",
    help="Where the HTTP side listens. Default: all addresses and $PORT where that is set, else what [daemon] says, "
    "else 127.0.0.1:9877.",
)
@click.option(
    "--state",
    metavar="PATH",
    help="Where states are kept over a restart: a file, or a folder, which a slash at the end makes if it is missing. "
    "Default: $STATE_DIRECTORY, else nowhere.",
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "text", "json", "journal"]),
    default="auto",
    show_default=True,
    help="How lines on stderr look; auto is journal where systemd reads them, else text.",
)
@click.option("--log-checks", is_flag=True, help="Log every check, not only what changes.")
@click.option("--watch-config", is_flag=True, help="Reload when a config file changes, as on SIGHUP.")
def command(
    *,
    choice: Choice,
    listen: tuple[str, int] | None,
    state: str | None,
    log_format: str,
    log_checks: bool,
    watch_config: bool,
) -> int:
    """Watch every selected service without pause, and tell what changes.

    HOST is a name, an IPv4 or an IPv6 address; it stands for {host} in the config's URLs.

    SIGHUP and POST /-/reload read the config again; SIGTERM and SIGINT end the daemon with 0.
    """
    # A reload that is asked for before there is anything to reload: the config is being read anyway.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    path = choice.path().absolute()

    def read() -> Chosen:
        # One who only has Prometheus name the targets needs modules and no services.
        return choice.choose(path, empty=True)

    loaded = read()
    from healthmon.net.http.lean_import import without_system_certificates

    with without_system_certificates():
        from healthmon.app.daemon import Settings, Stream, run_daemon
        from healthmon.engine.state_file import state_path

    where = _state(state, os.environ)
    settings = Settings(
        listen=listen or _platform_port(os.environ) or loaded.config.daemon.listen,
        state=None if where is None else state_path(where),
        log_format=log_format,
        log_checks=log_checks,
        watch_config=watch_config,
    )
    run_daemon(loaded, read, settings, environ=os.environ, log=Stream(sys.stderr.fileno(), sys.stderr.encoding))
    return 0


def _platform_port(environ: Mapping[str, str]) -> tuple[str, int] | None:
    """All addresses and $PORT, as platforms that start containers demand it; None where it is not set.

    Raises:
        UsageError: It is no port.
    """
    port = environ.get("PORT")
    if not port:
        return None
    if not (re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 2**16):
        raise UsageError(
            f'PORT is set to "{clean(port)}", which is no port; set it to a number from 1 to 65535, or unset it.'
        )
    return "0.0.0.0", int(port)  # noqa: S104 - what sets PORT wants to be answered from outside


def _state(wanted: str | None, environ: Mapping[str, str]) -> str | None:
    """Where states are kept, with a slash at its end where it is a folder; None for nowhere.

    $STATE_DIRECTORY may name several folders (systemd.exec(5)), of which the first counts.
    """
    if wanted is not None:
        return wanted
    folders = [folder for folder in environ.get("STATE_DIRECTORY", "").split(":") if folder]
    return f"{folders[0]}/" if folders else None
