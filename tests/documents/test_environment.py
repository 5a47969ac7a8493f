"""The page on environment variables names all that are read or set, and no other."""

import re

from tests.documents.environment import PAGE, variables, written
from tests.shipped import ROOT

TEXT = PAGE.read_text(encoding="utf-8")
CODE = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "healthmon").rglob("*.py")))


def beneath(heading: str) -> list[str]:
    """The variables in the table beneath a heading."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    return re.findall(r"`(\w+)`", " ".join(rows))


def test_the_page_is_current() -> None:
    """`python -m tests.documents.environment` writes its table of options."""
    assert written(TEXT) == TEXT


def test_each_option_has_one() -> None:
    """Named after its command and its flag."""
    for flag, commands in variables().items():
        for command, variable in commands.items():
            assert variable == f"HEALTHMON_{command}_{flag.removeprefix('--')}".replace("-", "_").upper()


def test_what_is_read_is_on_the_page() -> None:
    """Wherever the code asks the environment for a name."""
    named = re.findall(r'environ\.get\("(\w+)"', CODE)
    of_several = re.findall(r"environ\.get\(name\b.*for name in \((.*?)\)", CODE)
    assert {*named, *re.findall(r"\w+", " ".join(of_several))} == set(beneath("What healthmon reads"))


def test_what_is_set_for_commands_is_on_the_page() -> None:
    """By `wait --on-failure`, `rollout` and `demo`."""
    named = set(re.findall(r'"(HEALTHMON_[A-Z]+(?:_[A-Z]+)*)":', CODE))
    assert named == set(beneath("What commands of healthmon's meet"))
