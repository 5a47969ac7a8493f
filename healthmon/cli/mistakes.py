"""What is said of a command line that could not be read: in one line, and where the help is in a second."""

import re
from collections.abc import Iterable

import click
from click.exceptions import NoArgsIsHelpError

from healthmon.cli.headings import flag
from healthmon.cli.program import takes_a_program
from healthmon.cli.variables import set_by_variable
from healthmon.config.nearest import did_you_mean
from healthmon.core.safe_text import clean


def said(error: click.ClickException, command: str | None) -> str:
    """The message for the user.

    Args:
        error: What click has found.
        command: The command that was typed, where there is one of that name.
    """
    if isinstance(error, NoArgsIsHelpError):
        return error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else " ".join(filter(None, ("healthmon", command)))
    return f"{_message(error, context)}\nTry '{path} --help'."


def _message(error: click.ClickException, context: click.Context | None) -> str:
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        return f"No such option: {clean(name)}{_of_others(name, context) or _nearest(name, context)}"
    if isinstance(error, click.BadParameter) and error.param is not None and error.message:
        return _of_value(error.param, error.message, context)
    if context and (extra := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message, re.DOTALL)):
        return _too_many(extra[1], context)
    return error.format_message()


def _of_value(param: click.Parameter, message: str, context: click.Context | None) -> str:
    # Types of our own begin with the value that was typed.
    own = not type(param.type).__module__.startswith("click.")
    if isinstance(param.type, click.types.BoolParamType):
        message = message.partition(" is not")[0] + " is neither yes (1, true, yes, on) nor no (0, false, no, off)"
    if set_by_variable(param, context):
        return f"{param.envvar}{'=' if own else ': '}{message}"
    name = flag(param) if isinstance(param, click.Option) else str(param.metavar or param.name).strip("[]").upper()
    return f"{name}{' ' if own else ': '}{message}"


def _of_others(option: str, context: click.Context | None) -> str:
    """The commands that have this very option, where there are any. They are imported only for that."""
    group = context.find_root().command if context else None
    if context is None or not isinstance(group, click.Group):
        return ""
    having = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and any(option in param.opts for param in command.params):
            having.append(name)
    from healthmon.core.wording import listed

    return f"; that is one of healthmon {listed(having, 'and')}" if having else ""


def _nearest(option: str, context: click.Context | None) -> str:
    """The option that was probably meant, by its letters: the dashes, which all have, do not count."""
    names = [name.lstrip("-") for param in (context.command.params if context else ()) for name in param.opts]
    return did_you_mean(option.lstrip("-"), names).replace('"', '"--', 1)


def _too_many(extra: str, context: click.Context) -> str:
    command = context.command
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    if takes_a_program(command, context):
        words = " ".join([*_given(arguments[-1:], context), extra])
        return f"{extra}: one argument too many. A command to be run goes behind '--', as in: -- {words}"
    takes = " ".join(str(one.metavar or one.name).upper() for one in arguments) or "no argument"
    return f"{extra}: one argument too many. {context.command_path} takes {takes}"


def _given(arguments: Iterable[click.Argument], context: click.Context) -> list[str]:
    """What was taken for these arguments, which may be the beginning of what is now too much."""
    return [value for one in arguments if isinstance(value := context.params.get(one.name or ""), str)]
