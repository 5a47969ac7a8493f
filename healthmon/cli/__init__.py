"""The command line. Each command is one file, imported only when it is called."""

import os
import sys
from collections.abc import Sequence

import click

from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.errors import HealthmonError, Interrupted

__all__ = ["main"]

_INTERNAL = 70  # EX_SOFTWARE of sysexits.h


def main(arguments: Sequence[str] | None = None) -> int:
    """Run healthmon with these arguments (default: the process's) and return its exit code.

    No exception leaves it: a user's mistake becomes a message on stderr, a fault in healthmon code 70. As a Nagios
    plugin it ends with what Nagios knows.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if "--timestamps" not in words and "HEALTHMON_CHECK_TIMESTAMPS" not in os.environ:
        return _main(arguments)
    from healthmon.cli.timestamps import errors_stamped

    with errors_stamped(words, os.environ):
        return _main(arguments)


def _main(arguments: Sequence[str] | None) -> int:
    try:
        code = _build().main(args=arguments, prog_name="healthmon", standalone_mode=False)
    except click.ClickException as error:
        error.show(sys.stderr)
        return _failed(arguments, error.exit_code, error.format_message())
    except HealthmonError as error:
        click.echo(error, err=True)
        return _failed(arguments, error.exit_code, str(error))
    except Interrupted as interrupted:
        click.echo(interrupted, err=True)
        return _failed(arguments, interrupted.exit_code, "interrupted")
    except (click.Abort, KeyboardInterrupt):
        return _failed(arguments, 130, "interrupted")
    except Exception as error:
        _confess(error)
        return _failed(arguments, _INTERNAL, f"a fault in healthmon itself: {type(error).__name__}: {error}")
    return code if isinstance(code, int) else 0


def _failed(arguments: Sequence[str] | None, code: int, reason: str) -> int:
    """The exit code of what came to no report."""
    from healthmon.cli import plugin

    return plugin.could_not_check(reason) if plugin.asked_for(arguments, os.environ) else code


def _build() -> click.Group:
    from healthmon import __version__

    group = LazyGroup(
        "healthmon",
        commands_at=COMMANDS,
        help="Tells whether your services are healthy, why not, and what to do next.",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit codes: 0 all healthy, 1 not all, 2 usage, 3 a rollout that is broken, 70 a fault in healthmon "
        "itself, 75 the lock, the state file or the port is taken, 78 config, 124 the deadline of wait, 130 and 143 "
        "interrupted. Every option can be set by a variable, such as HEALTHMON_CHECK_TIMEOUT.",
    )
    return click.version_option(__version__, message="healthmon %(version)s")(group)


def _confess(error: Exception) -> None:
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    click.echo(
        f"A fault in healthmon itself: {type(error).__name__}: {error} ({place.filename}:{place.lineno})\n"
        "Please report it with this message and the command that you typed.",
        err=True,
    )
