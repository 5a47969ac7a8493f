"""``healthmon schema``: the JSON Schema of the config."""

import json
from pathlib import Path

import click

from healthmon.cli.grouped import GroupedCommand
from healthmon.cli.streams import write_report
from healthmon.errors import HealthmonError, UsageError


class _Outdated(HealthmonError):
    """Raised when a schema file is not what this version writes."""

    exit_code = 1


_EXAMPLES = """\b
Examples:
  healthmon schema --output services.schema.json
  healthmon schema --check services.schema.json
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.option("--output", metavar="FILE", help="Write it to a file.")
@click.option("--check", metavar="FILE", help="Say whether a file is current: exit code 0, or 1 if it is not.")
def command(*, output: str | None, check: str | None) -> None:
    """Print the JSON Schema of the config.

    An editor that knows TOML schemas (Taplo, Even Better TOML) completes keys and marks mistakes where the config's
    first line is: #:schema ./services.schema.json
    """
    from healthmon.config.json_schema import schema

    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if output is not None and check is not None:
        raise UsageError("--output and --check do not go together")
    if check is not None:
        _check(Path(check), text)
    elif output is not None:
        _write(Path(output), text)
    else:
        write_report(text, "utf-8")


def _check(path: Path, text: str) -> None:
    try:
        current = path.read_text(encoding="utf-8") == text
    except OSError as error:
        raise UsageError(f"--check: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"--check: cannot read {path}: it is not UTF-8 text") from None
    if not current:
        raise _Outdated(f"{path} is not current; write it anew: healthmon schema --output {path}")
    write_report(f"{path} is current\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output: cannot write {path}: {error.strerror}") from None
