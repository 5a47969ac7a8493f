"""Writes the man pages from the help: ``python -m tests.documents.man``, or ``make man``.

click-man does so for other programs. It finds no commands in a group that imports them late, puts what roff takes for a
request or an escape into the page as it is, and knows no sections for exit codes, variables, files and examples.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from textwrap import wrap

import click

from healthmon import __version__
from healthmon.cli.group import COMMAND_HEADINGS, COMMANDS, LazyGroup
from healthmon.cli.headings import records_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "man"

_WHAT = (
    "One TOML file names the services. They get the same answer whichever way they are asked for: once from a terminal "
    "or from cron, as a gate in a pipeline, or all the time as a daemon that Prometheus scrapes."
)
_VARIABLES = {
    "HEALTHMON_CONFIG": "The config file, where no option names one.",
    "HEALTHMON_COMMAND_OPTION": "Any option of any command: *HEALTHMON_CHECK_TIMEOUT=5s* is that of `healthmon check "
    "--timeout 5s`. An option that may be repeated takes one value a line.",
    "NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, TERM": "Whether a report is coloured, where *--color* does not say.",
    "CREDENTIALS_DIRECTORY": "Where `${credential:NAME}` in the config is read (systemd.exec(5)).",
}
_VARIABLES_OF_RUN = {
    "PORT": "Where it is set, the daemon listens on all addresses and this port.",
    "STATE_DIRECTORY": "The folder in which states are kept (systemd.exec(5)).",
}
_FILES = {
    "./config/services.toml\n./services.toml\n/etc/healthmon/services.toml": "The config: the first of these that is "
    "there, unless *--config* or *HEALTHMON_CONFIG* names another. `healthmon init` writes one.",
}
_EXAMPLES = """\
healthmon init
healthmon validate
healthmon check
healthmon check 203.0.113.10 --phase 2
healthmon check --lock --on-change --repeat 6h
healthmon wait staging.example.com --deadline 5m --stable 3
healthmon run"""
_OTHERS = ("crontab(5)", "systemd.timer(5)", "curl(1)")


def pages() -> dict[str, str]:
    """The pages by the names of their files: one of the whole, one of each command."""
    group = LazyGroup(
        "healthmon", commands_at=COMMANDS, help="Tells whether your services are healthy, why not, and what to do next."
    )
    ctx = click.Context(group, info_name="healthmon", help_option_names=["-h", "--help"])
    made = {"healthmon.1": _page("healthmon", str(group.help), _whole())}
    for name in COMMANDS:
        command = group.get_command(ctx, name)
        assert command
        own = click.Context(command, info_name=name, parent=ctx)
        made[f"healthmon-{name}.1"] = _page(f"healthmon-{name}", COMMANDS[name], _one(command, own))
    return made


def _page(name: str, line: str, sections: Iterable[tuple[str, Iterable[str]]]) -> str:
    short = f"{line[0].lower()}{line[1:]}".rstrip(".")
    lines = [
        '.\\" Written from the help by `make man`.',
        f'.TH {_text(name.upper())} 1 "" "healthmon {__version__}" "User Commands"',
        ".SH NAME",
        f"{_text(name)} \\- {_text(short)}",
    ]
    for heading, content in sections:
        if content := list(content):
            lines += [f".SH {heading}", *content]
    return "\n".join(lines) + "\n"


def _whole() -> Iterator[tuple[str, Iterable[str]]]:
    """The sections of the page of the whole, but for its name."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    codes = dict(re.findall(r"^\| (\d+(?:, \d+)*) \| (.*) \|$", readme, re.MULTILINE))
    yield "SYNOPSIS", [_words("`healthmon` *COMMAND* [*OPTIONS*] ...")]
    yield "DESCRIPTION", _paragraphs([_WHAT])
    yield (
        "COMMANDS",
        _beneath(
            {
                heading: {f"`healthmon-{name}`(1)": line for name, line in commands.items()}
                for heading, commands in COMMAND_HEADINGS.items()
            }
        ),
    )
    yield "EXIT STATUS", _terms({f"`{code}`": f"{meaning}." for code, meaning in codes.items()})
    yield "ENVIRONMENT", _terms({_bold(names): text for names, text in _VARIABLES.items()})
    yield "FILES", _terms({_italic(names): text for names, text in _FILES.items()})
    yield "EXAMPLES", _as_written(_EXAMPLES.splitlines())
    yield "SEE ALSO", [_also([*(f"healthmon-{name}(1)" for name in COMMANDS), *_OTHERS])]


def _one(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, Iterable[str]]]:
    """The sections of a command's page, but for its name."""
    paragraphs = cleandoc(str(command.help)).split("\n\n")
    codes = [text for text in paragraphs if text.startswith("The exit code is ")]
    usage = re.sub(r"[A-Z]{2,}", r"*\g<0>*", " ".join(command.collect_usage_pieces(ctx)))
    yield "SYNOPSIS", [_words(f"`{ctx.command_path}` {usage}")]
    yield "DESCRIPTION", _paragraphs(text for text in paragraphs if text not in codes)
    records = records_of(command, ctx)
    yield (
        "OPTIONS",
        _beneath({heading: {_flags(flags): text for flags, text in options} for heading, options in records.items()}),
    )
    yield "EXIT STATUS", _paragraphs([*codes, "All exit codes are in `healthmon`(1)."])
    variable = f"HEALTHMON_{ctx.info_name}_".upper()
    own = _VARIABLES_OF_RUN if ctx.info_name == "run" else {}
    named = "Each option by its name: capitals, and *_* for each hyphen within."
    any_ = {f"`{variable}`*OPTION*": named} if len(records) > 1 else {}
    yield "ENVIRONMENT", _terms(any_ | {_bold(names): text for names, text in own.items()})
    yield "EXAMPLES", _examples(command.epilog or "")
    yield "SEE ALSO", [_also(["healthmon(1)", *(f"healthmon-{name}(1)" for name in COMMANDS if name != ctx.info_name)])]


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield ".PP"
        yield _words(text)


def _beneath(headings: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Words with their explanations, beneath headings of a section."""
    for heading, texts in headings.items():
        yield f".SS {_text(heading)}"
        yield from _terms(texts)


def _terms(texts: Mapping[str, str]) -> Iterator[str]:
    """Words with their explanations, indented beneath them."""
    for term, text in texts.items():
        for number, word in enumerate(term.splitlines()):
            yield from (".TQ" if number else ".TP", _marked(word))
        yield _words(text)


def _examples(epilog: str) -> Iterator[str]:
    """The lines of an epilog as they are written, but for the first, which is a heading."""
    lines = epilog.replace("\b", "").strip().splitlines()
    if lines:
        first = lines[0].rstrip(":")
        yield from () if first == "Examples" else (_text(f"{first}:"), ".PP")
        yield from _as_written(line.removeprefix("  ") for line in lines[1:])


def _as_written(lines: Iterable[str]) -> Iterator[str]:
    yield from (".nf", *(_text(line) for line in lines), ".fi")


def _flags(record: str) -> str:
    """The first column of an option in the help: flags bold, what they take in italics."""
    return re.sub(
        r"(?P<flag>--?[a-z][a-z-]*)|(?P<value>[^\s,/]+)",
        lambda match: f"`{match[0]}`" if match["flag"] else f"*{match[0]}*",
        record,
    )


def _bold(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


def _italic(names: str) -> str:
    return "\n".join(f"*{name}*" for name in names.splitlines())


def _also(names: Iterable[str]) -> str:
    return ",\n".join(
        re.sub(r"^([\w.-]+)(\(\d\))$", lambda match: f".BR {_text(match[1])} {match[2]}", name) for name in names
    )


def _words(text: str) -> str:
    """A text, marked, in lines that are not too long."""
    return "\n".join(map(_protected, wrap(_marked(text), 78, break_long_words=False, break_on_hyphens=False)))


def _marked(text: str) -> str:
    """A text in which `this` is bold and *this* in italics."""
    parts = re.split(r"(`[^`]+`|\*[^*\s]+\*)", text)
    marks = {"`": "B", "*": "I"}
    return "".join(
        f"\\f{marks[part[0]]}{_escaped(part[1:-1])}\\fR" if number % 2 else _escaped(part)
        for number, part in enumerate(parts)
    )


def _text(text: str) -> str:
    return _protected(_escaped(text))


_SIGNS = str.maketrans(
    {"\\": "\\(rs", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}
)


def _escaped(text: str) -> str:
    """A text without what roff takes for its own (groff_char(7))."""
    return text.translate(_SIGNS)


def _protected(line: str) -> str:
    """A line that is no request, whatever it begins with."""
    return f"\\&{line}" if line.startswith((".", "'")) else line


def write() -> None:
    """Write the pages, and remove those of commands that are no more."""
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for old in FOLDER.glob("*.1"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
