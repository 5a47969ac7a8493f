"""The command line. Each command is one file, imported only when it is called."""

import os
import sys
from collections.abc import Sequence

import click

from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.errors import INTERNAL, INTERRUPTED, HealthmonError, Interrupted

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run healthmon with these arguments (default: the process's) and return its exit code.

    No exception leaves it: a user's mistake becomes a message on stderr, a fault in healthmon code 70. As a Nagios
    plugin it ends with what Nagios knows, and its messages stand beneath the status line.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if any("nagios" in word for word in (*words, *_chosen_by_variables())):
        from healthmon.cli.output import plugin

        if plugin.asked_for(words, os.environ):
            return plugin.run(lambda: _attempt(words))
    if "--timestamps" not in words and not any(name.endswith("_TIMESTAMPS") for name in os.environ):
        return _tell(_attempt(words))
    from healthmon.cli.output.timestamps import errors_stamped

    with errors_stamped(words, os.environ):
        return _tell(_attempt(words))


def _chosen_by_variables() -> list[str]:
    return [value for name, value in os.environ.items() if name.startswith("HEALTHMON_") and name.endswith("_FORMAT")]


def _tell(outcome: tuple[int, str | None]) -> int:
    code, message = outcome
    if message is not None:
        from healthmon.cli.streams import complain

        complain(message)
    return code


def _attempt(words: list[str]) -> tuple[int, str | None]:
    """The exit code, and what is to be said if it came to nothing: None if it came to its end."""
    try:
        code = _run(words)
    except click.ClickException as error:
        from healthmon.cli.mistakes import said

        return error.exit_code, said(error, next((word for word in words if word in COMMANDS), None))
    except HealthmonError as error:
        return error.exit_code, "\n".join([str(error), *getattr(error, "__notes__", ())])
    except Interrupted as interrupted:
        return interrupted.exit_code, str(interrupted)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED, ""  # An empty line: in a terminal ``^C`` stands before it.
    except BaseException as error:
        from healthmon.cli.streams import confession

        return INTERNAL, confession(error)
    return (code if isinstance(code, int) else 0), None


def _run(words: list[str]) -> object:
    """What the command returns. Click's own `main` would end the process with 1 where a stream has no reader any more.

    Here that would say that a service is not healthy.
    """
    group = _build()
    try:
        with group.make_context("healthmon", words) as context:
            return group.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code


def _build() -> click.Group:
    from healthmon.cli.shown import show_version

    group = LazyGroup(
        "healthmon",
        commands_at=COMMANDS,
        help="Tells whether your services are healthy, why not, and what to do next.",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit codes: 0 all healthy, 1 not all, 2 usage, 3 a rollout that is broken, 70 a fault in healthmon "
        "itself, 75 the lock, the state file or the port is taken, 78 config, 124 the deadline of wait, 130 and 143 "
        "interrupted. Every option can be set by a variable, such as HEALTHMON_CHECK_TIMEOUT.",
    )
    group.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=show_version,
            help="Show the version and exit.",
        )
    )
    return group
