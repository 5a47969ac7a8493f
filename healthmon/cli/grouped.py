"""What all commands have in common: what their help looks like, and what they say of options from the environment."""

from typing import Any

import click

from healthmon.cli.headings import records_of
from healthmon.cli.shown import WithHelp
from healthmon.errors import UsageError

_WIDEST = 24
"""Columns. Flags that are longer stand on a line of their own, and take no room from what is said of the others."""


class GroupedCommand(WithHelp, click.Command):
    """A command whose help has its options beneath headings, and which tells of an option that a variable has set."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it.

        Raises:
            UsageError: As the command does, with a note on the variables of the options that it names.
        """
        try:
            return super().invoke(ctx)
        except UsageError as error:
            from healthmon.cli.variables import notes_on_variables

            for note in notes_on_variables(str(error), ctx):
                error.add_note(note)
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        for heading, records in records_of(self, ctx).items():
            with formatter.section(heading):
                formatter.write_dl(records, col_max=_WIDEST)
