"""``healthmon init``: a config to begin with."""

from importlib.resources import files
from pathlib import Path

import click

from healthmon.cli.grouped import GroupedCommand
from healthmon.cli.streams import complain
from healthmon.errors import UsageError

_AFTER_SCHEMA = "\n#\n"

_EXAMPLES = """\b
Examples:
  healthmon init
  healthmon init staging.toml
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("path", default="services.toml")
@click.option("--force", is_flag=True, help="Overwrite the file if there is one.")
def command(*, path: str, force: bool) -> None:
    """Write a commented starter config to PATH (default: ./services.toml).

    It describes ten services on one host, which `healthmon demo` runs: try it, then write your own in their place.
    """
    # The schema is not beside it; `healthmon schema` writes it for those who want it.
    shipped = files("healthmon.config").joinpath("services.toml").read_text(encoding="utf-8")
    text = shipped.partition(_AFTER_SCHEMA)[2]
    try:
        with Path(path).open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already; --force overwrites it") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    option = "" if path in {"services.toml", "./services.toml", "config/services.toml"} else f" --config {path}"
    complain(f"{path} is written. Next:")
    complain(f"  healthmon demo -- healthmon check{option}    try it against local servers")
    complain(f"  edit {path}, then: healthmon validate{option}")
    complain(f"  healthmon check{option} HOST    once, now")
    complain(f"  healthmon run{option} HOST      all the time")
