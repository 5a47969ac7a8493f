"""Commands of healthmon that take another program's command line behind ``--``."""

import click

from healthmon.cli.grouped import GroupedCommand

PROGRAM = "[-- CMD [ARGS]...]"
"""What the usage line says of it."""


def takes_a_program(command: click.Command, ctx: click.Context) -> bool:
    """Whether a command takes another program's command line behind ``--``."""
    return PROGRAM in command.collect_usage_pieces(ctx)


class ProgramCommand(GroupedCommand):
    """A command that takes all behind the first ``--`` as it stands, as `program`: nothing of it is its own argument.

    Left to click, ``wait -- myapp`` would take `myapp` for HOST.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments before ``--`` as usual."""
        own, program = args, list[str]()
        if "--" in args:
            where = args.index("--")
            own, program = args[:where], args[where + 1 :]
        rest = super().parse_args(ctx, list(own))
        if len(own) < len(args) and not program:
            raise click.UsageError("Write a command behind '--', or leave '--' out.", ctx)
        ctx.params["program"] = tuple(program)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show the program at the end of the usage line."""
        return [*super().collect_usage_pieces(ctx), PROGRAM]
