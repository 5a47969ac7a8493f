"""The man pages: current, sound, and complete."""

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.config.load import SYSTEM_WIDE
from tests.documents import man

PAGES = man.pages()
ACCEPTED = re.compile(
    r"WARNING: missing date"  # A date would make the page another one with each build.
    r"|STYLE: input text line longer than 80 bytes: healthmon.*"  # What stands under NAME is one line (man-pages(7)).
)


def test_they_are_current() -> None:
    """Else: `make man`."""
    assert {path.name: path.read_text(encoding="utf-8") for path in man.FOLDER.iterdir()} == PAGES


@pytest.mark.skipif(not shutil.which("mandoc"), reason="there is no mandoc")
@pytest.mark.parametrize("name", PAGES)
def test_mandoc_finds_nothing_wrong(name: str) -> None:
    done = subprocess.run(
        ["mandoc", "-Tlint", "-Wstyle"], input=PAGES[name], capture_output=True, text=True, check=False
    )
    found = done.stdout.splitlines() + done.stderr.splitlines()
    assert [line for line in found if not ACCEPTED.search(line)] == []


def rendered(name: str) -> str:
    """A page as it is read, on lines that are never broken."""
    done = subprocess.run(
        ["man", "--local-file", str(man.FOLDER / name)],
        env={
            "PATH": "/usr/bin:/bin",
            "MANWIDTH": "2000",
            "LANG": "C.UTF-8",
            "MANROFFOPT": "-ww",
            "MAN_KEEP_FORMATTING": "",
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    return re.sub(".\b", "", done.stdout)


needs_man = pytest.mark.skipif(not shutil.which("man"), reason="there is no man")


@needs_man
@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_a_command_has_each_option_with_its_help(name: str) -> None:
    shown = re.sub(r"\s+", " ", rendered(f"healthmon-{name}.1"))
    command = LazyGroup("healthmon", commands_at=COMMANDS).get_command(None, name)  # type: ignore[arg-type]
    assert command
    assert f"NAME healthmon-{name} - " in shown
    assert f"SYNOPSIS healthmon {name} [OPTIONS]" in shown
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            flags = ", ".join(sorted(option.opts, key=len))
            assert f" {flags} " in shown, option
            assert " ".join((option.help or "no help").split()).replace("`", "") in shown
    for text in str(command.help).split("\n\n"):
        assert " ".join(text.split()).replace("`", "") in shown


@needs_man
def test_the_first_page_has_the_commands_the_codes_and_the_files() -> None:
    shown = rendered("healthmon.1")
    sections = re.findall(r"^[A-Z][A-Z ]+$", shown, re.MULTILINE)
    assert sections == [
        "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO",
    ]  # fmt: skip
    for name, line in COMMANDS.items():
        assert re.search(rf"healthmon-{name}\(1\)\s+{re.escape(line)}", shown)
    for code in (0, 1, 2, 70, 75, 78, 124, 130):
        assert re.search(rf"^ +{code}[ ,]", shown, re.MULTILINE)
    assert str(SYSTEM_WIDE) in shown


@needs_man
def test_man_finds_them_by_the_words_that_are_typed(tmp_path: Path) -> None:
    """`man healthmon check` as well as `man healthmon-check`."""
    shutil.copytree(man.FOLDER, tmp_path / "man1")
    for words in (["healthmon"], ["healthmon-check"], ["healthmon", "check"]):
        done = subprocess.run(
            ["man", "-M", tmp_path, "-w", *words],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": "/usr/bin:/bin"},
        )
        assert Path(done.stdout.strip()).name == f"{'-'.join(words)}.1"


def test_what_is_no_text_for_roff_is_escaped() -> None:
    """Nothing that the help may say is taken for a request, an escape or an end of a font."""
    assert man._words(".so /etc/passwd") == "\\&.so /etc/passwd"
    assert man._words("'br \\fB") == "\\(aqbr \\(rsfB"
    assert man._words("a `--b c` and *D*, not **") == "a \\fB\\-\\-b c\\fR and \\fID\\fR, not **"
    assert all(not line.startswith(".") for line in man._words(" ".join(["word ..."] * 60)).splitlines())
