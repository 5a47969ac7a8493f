"""Which options go together. One that is typed is never ignored; one from the environment gives way.

A variable is set for all runs of a machine or a user, also for those in which it means nothing.
"""

from collections.abc import Iterable, Iterator

import click
from click.core import ParameterSource

from healthmon.cli.jobs.lock import LockingCommand
from healthmon.cli.program import ProgramCommand
from healthmon.errors import UsageError

WORK_WITH_WATCH = frozenset(
    {
        *("watch", "interval", "timeout", "deadline", "concurrency", "fail_on", "color", "lock_path"),
        *("host", "config", "only", "skip", "group", "tag", "phase", "with_groups", "expect"),
    }
)
"""The options that mean something for ``check --watch``, which has no end: `--lock` and those of a single round."""


class CheckCommand(LockingCommand):
    """``check``, whose options from the environment give way to what is typed, and to one another."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; pass over what does not go with the rest.

        Raises:
            UsageError: Something typed does not go with ``--watch``.
        """
        rest = super().parse_args(ctx, args)
        if not ctx.resilient_parsing:
            _pass_over(self, ctx, _without_meaning(ctx.params))
            if ctx.params["watch"]:
                self._refuse_what_is_typed(ctx)
        return rest

    def _refuse_what_is_typed(self, ctx: click.Context) -> None:
        for option in self.params:
            name = option.name or ""
            if name not in WORK_WITH_WATCH and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                raise UsageError(
                    f"{option.opts[-1]} does not go with --watch, which comes to no single result. "
                    "Leave one of them out."
                )


class WaitCommand(ProgramCommand):
    """``wait``, whose options from the environment give way to what is typed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; pass over what contradicts the rest."""
        rest = super().parse_args(ctx, args)
        if not ctx.resilient_parsing:
            _pass_over(self, ctx, _contradicted(ctx.params))
        return rest


def _pass_over(command: click.Command, ctx: click.Context, names: Iterable[str]) -> None:
    """Take the default of each that the environment has set."""
    for name in names:
        if ctx.get_parameter_source(name) is ParameterSource.ENVIRONMENT:
            option = next(option for option in command.params if option.name == name)
            default = option.to_info_dict()["default"]
            ctx.params[name] = bool(default) if option.type is click.BOOL else option.type_cast_value(ctx, default)


def _contradicted(params: dict[str, object]) -> Iterator[str]:
    """The options that the others contradict, as these are when its turn comes."""
    if params["invert"]:
        yield from ("give_up", "fail_on")
    if params["give_up"] or params["fail_on"] == "degraded":
        yield "invert"


def _without_meaning(params: dict[str, object]) -> Iterator[str]:
    """The options that mean nothing beside the others, as these are when its turn comes."""
    if params["watch"]:
        yield from params.keys() - WORK_WITH_WATCH
    else:
        yield "interval"
    if params["on_change"]:
        yield "quiet"
    if params["quiet"] or params["format_"] == "nagios":
        yield "on_change"
    if not params["on_change"]:
        yield from ("state", "repeat")
