"""The tables of keys on the pages are those of the types."""

from pathlib import Path

import pytest

from tests.documents.reference import pages, part, written

PAGES = pages()


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_the_page_is_current(path: Path) -> None:
    """`python -m tests.documents.reference` writes it."""
    text = path.read_text(encoding="utf-8")
    assert written(text) == text


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_no_table_of_keys_is_written_by_hand_alone(path: Path) -> None:
    """But that of modules, which tells how they differ from services."""
    before = [
        text.rstrip().splitlines()[-1]
        for text in path.read_text(encoding="utf-8").split("| Value | Default | What it says |")[:-1]
        for text in [text.rpartition("\n")[0]]
    ]
    assert len([line for line in before if not line.startswith("<!-- Keys")]) == (path.name == "config.md")


def test_a_new_key_says_what_its_docstring_says() -> None:
    """Until somebody finds better words; what its type tells is its own."""
    assert part("Keys to reach a host", "") == (
        "| Key | Value | Default | What it says |\n"
        "|---|---|---|---|\n"
        "| `resolve` | text | | An address to connect to instead of resolving the host's name. |\n"
        '| `ip` | `"4"`, `"6"` or `"any"` | `"any"` | Which addresses may be used: ``any``, only IPv4 (``4``), or only '
        "IPv6 (``6``). |\n"
    )


def test_what_a_page_has_right_stays() -> None:
    """The words of a person are kept where they say what the type says, or more; other figures are not."""
    page = "| `count` | a whole number, 1 or more, please | `9` | So many. |\n| `gone` | text | | No more. |\n"
    made = part("Keys of the probe icmp", page)
    assert "| `count` | a whole number, 1 or more, please | `3` | So many. |\n" in made
    assert "gone" not in made


def test_every_key_has_words() -> None:
    """Of its own or of its type."""
    for path in PAGES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("| `"):
                assert line.split(" | ")[-1].strip(" |"), f"{path.name}: {line}"
