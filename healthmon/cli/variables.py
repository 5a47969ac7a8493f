"""Which options have their values from the environment, so that nobody looks for them on the command line."""

import re
from collections.abc import Iterator

import click
from click.core import ParameterSource

from healthmon.cli.headings import flag


def notes_on_variables(message: str, context: click.Context) -> Iterator[str]:
    """What to add to a message that names options: the variables of those that nobody has typed."""
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", message))
    for param in context.command.params:
        if isinstance(param, click.Option) and flag(param) in named and set_by_variable(param, context):
            yield f"{flag(param)} is set by {param.envvar}."


def set_by_variable(param: click.Parameter, context: click.Context | None) -> bool:
    """Whether a parameter has its value from the environment."""
    return context is not None and context.get_parameter_source(param.name or "") is ParameterSource.ENVIRONMENT
