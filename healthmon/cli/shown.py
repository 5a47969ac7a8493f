"""What is shown instead of doing anything: the help, the version. A reader that has gone away is no error."""

import click


class WithHelp(click.Command):
    """A command whose help is written as reports are.

    Click's own way of writing it would make a fault of a closed pipe or a full disk.
    """

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option ``--help``."""
        option = super().get_help_option(ctx)
        if option:
            option.callback = _show_help
        return option


def show_version(ctx: click.Context, _: click.Parameter, value: object) -> None:
    """Show the version and end."""
    if value and not ctx.resilient_parsing:
        from healthmon import __version__

        _show(f"healthmon {__version__}\n", ctx)


def _show_help(ctx: click.Context, _: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        _show(f"{ctx.get_help()}\n", ctx)


def _show(text: str, ctx: click.Context) -> None:
    from healthmon.cli.streams import write_report

    write_report(text, errors="replace")
    ctx.exit()
