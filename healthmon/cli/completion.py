"""``healthmon completion``: commands, options and the config's own names, completed by the shell."""

import click

from healthmon.cli.group import LazyGroup
from healthmon.cli.grouped import GroupedCommand
from healthmon.cli.shell.scripts import SCRIPTS, answer
from healthmon.cli.streams import write_report

_EXAMPLES = """\b
To load it in each new shell, from folders that are there (mkdir -p):
  bash  healthmon completion bash >~/.local/share/bash-completion/completions/healthmon
  zsh   echo 'source <(healthmon completion zsh)' >>~/.zshrc     (behind compinit)
  fish  healthmon completion fish >~/.config/fish/completions/healthmon.fish
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("shell", metavar="SHELL", type=click.Choice(list(SCRIPTS)))
@click.option("--line", hidden=True)
@click.option("--breaks", default="", hidden=True)
@click.pass_context
def command(ctx: click.Context, *, shell: str, line: str | None, breaks: str) -> None:
    """Print the script by which bash, zsh or fish completes what is typed behind healthmon.

    It completes commands, options and their values, and the config's own names: ids of services, groups and tags. The
    config is the one that the command line names so far, or the one that would be found.
    """
    if line is None:
        write_report(SCRIPTS[shell])
        return
    group = ctx.find_root().command
    assert isinstance(group, LazyGroup)  # noqa: S101 - tells the type checker
    text = "".join(f"{one}\n" for one in answer(shell, line, breaks, group))
    # Names are UTF-8, whatever the terminal is set to, and the line may hold bytes that are no text.
    write_report(text, "utf-8", errors="surrogateescape")
