"""The table of commands, and the group that imports one only when it is called."""

import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from healthmon.cli.shown import WithHelp

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_CHECK = {
    "check": "Check every service once: by hand, from cron, for Nagios.",
    "wait": "Wait until all are healthy, then run a command: a gate.",
    "rollout": "Deploy in phases, each healthy before the next.",
    "run": "Watch without pause and serve metrics: the daemon.",
}
_UNDERSTAND = {
    "validate": "Check the config without asking any service.",
    "diagnose": "Look at one service layer by layer: where does it break?",
}
_SET_UP = {
    "init": "Write a commented starter config, to begin with.",
    "demo": "Run the services of that config as local servers, to try it.",
    "schema": "Print the JSON Schema of the config, for editors.",
    "completion": "Print the script by which your shell completes commands.",
}

COMMAND_HEADINGS: Mapping[str, Mapping[str, str]] = {
    "Ask the services": _CHECK,
    "Find out what is wrong": _UNDERSTAND,
    "Set up": _SET_UP,
}
"""Heading in `healthmon --help` → command → when one uses it. A command lives in `healthmon.cli.NAME` as `command`."""

COMMANDS: Mapping[str, str] = _CHECK | _UNDERSTAND | _SET_UP
"""Command → when one uses it."""

_OF_ROLLOUTS_COMMANDS = frozenset(
    f"HEALTHMON_ROLLOUT_{name}"
    for name in ("ACTION", "PHASE_NAME", "PHASE_NUMBER", "GOOD_NAME", "GOOD_NUMBER", "TARGET_HOST")
)
"""What `rollout` sets for its commands, one of which may be healthmon again."""


class LazyGroup(WithHelp, click.Group):
    """A group that knows its commands by name and imports one only to run it or to show its own help.

    Attributes:
        commands_at: Command → its one line.
    """

    def __init__(self, name: str, *, commands_at: Mapping[str, str], **settings: Any) -> None:
        super().__init__(name, **settings)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        del ctx
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of that name."""
        del ctx
        if cmd_name not in self.commands_at:
            return None
        command = import_module(f"healthmon.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - tells the type checker
        for option in command.params:
            if isinstance(option, click.Option):
                option.envvar = _variable(cmd_name, option)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed, or name the nearest one."""
        if args[0] not in self.commands_at and not args[0].startswith("-") and not ctx.resilient_parsing:
            from healthmon.config.nearest import did_you_mean

            ctx.fail(f"There is no command '{args[0]}'{did_you_mean(args[0], self.commands_at)}")
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None and not ctx.resilient_parsing:
            from healthmon.cli.streams import complain

            for line in _mistyped(name, command, os.environ):
                complain(line)
        return name, command, rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The commands that begin so, without importing them, or the options."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        begun = {name: line for name, line in self.commands_at.items() if name.startswith(incomplete)}
        return [CompletionItem(name, help=line) for name, line in begun.items()]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands without importing them."""
        del ctx
        widest = max(map(len, self.commands_at))
        for heading, commands in COMMAND_HEADINGS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), line) for name, line in commands.items()])


def _mistyped(name: str, command: click.Command, environ: Mapping[str, str]) -> Iterator[str]:
    """What to say of variables that look like those of a command's options, and are none."""
    known = {str(option.envvar) for option in command.params if isinstance(option, click.Option)}
    beginning = f"HEALTHMON_{name}_".upper()
    for variable in sorted(environ.keys() - known - _OF_ROLLOUTS_COMMANDS):
        if variable.startswith(beginning):
            yield (
                f"{ascii(variable)[1:-1]} is set, but is the variable of no option of healthmon {name}"
                f"{_nearest(variable.removeprefix(beginning), beginning, known)}"
            )


def _nearest(rest: str, beginning: str, known: Iterable[str]) -> str:
    """The variable that was probably meant, by what distinguishes it."""
    from healthmon.config.nearest import did_you_mean

    near = did_you_mean(rest, (name.removeprefix(beginning) for name in known))
    return near.replace('"', f'"{beginning}', 1)


def _variable(command: str, option: click.Option) -> str:
    """The environment variable of an option, from the flag that users know rather than from its parameter's name."""
    from healthmon.cli.headings import flag

    return f"HEALTHMON_{command}_{flag(option).lstrip('-')}".replace("-", "_").upper()
