"""Text of others in Markdown stays text, wherever it stands, for two readers of GitHub's dialect."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from markdown_it import MarkdownIt

from healthmon.reports.markup import cell, code, plain, prose
from tests.reports import gfm
from tests.reports.runs import texts

WRITERS = pytest.mark.parametrize("write", [code, plain, prose], ids=lambda write: write.__name__)
_CALLS = re.compile(r"@\w|[#!]\d|\bwww\.|://|\bGH-\d|:\d*[a-z_+-][\w+-]*:", re.IGNORECASE)


def shown(text: str) -> str:
    """What a reader sees of it: without what stands in the way of links, without characters that are never shown."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text.replace("\u2060", ""))
    return " ".join(text.split())


def inline(markdown: str) -> tuple[set[str], str]:
    """The kinds of tokens in a paragraph or a table, and its text, by markdown-it-py."""
    reader = MarkdownIt("gfm-like", {"linkify": False})
    tokens = [token for block in reader.parse(markdown) for token in block.children or ()]
    return {token.type for token in tokens}, "".join(token.content for token in tokens)


@WRITERS
@given(texts)
@example("\\|")
@example("a`b``c")
def test_a_paragraph(write: Callable[[str], str], text: str) -> None:
    """No token but text and code, and all of the text, for markdown-it-py."""
    kinds, content = inline(f"x {write(text)} y\n")
    assert kinds <= {"text", "code_inline"}
    if write is not prose:
        assert shown(content) == shown(f"x {text} y")


@WRITERS
@given(texts)
@example("\\|")
@example("a\\\\|b`|`c\\")
def test_a_cell(write: Callable[[str], str], text: str) -> None:
    """The row has its two cells."""
    reader = MarkdownIt("gfm-like", {"linkify": False})
    tokens = reader.parse(f"| a | b |\n| - | - |\n| {cell(write(text))} | y |\n")
    cells = [tokens[number + 1] for number, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 2
    met, last = ("".join(part.content for part in one.children or ()) for one in cells)
    assert last == "y"
    if write is not prose:
        assert shown(met) == shown(text)


@gfm.needs_cmark
@WRITERS
@given(texts)
def test_github_makes_no_more_of_it(write: Callable[[str], str], text: str) -> None:
    """In a list, in a heading and in a table: no link, no HTML, no image; and outside of code nothing that calls."""
    written = write(text)
    document = gfm.parse(f"- **a** {written}\n\n## a {written} `b`\n\n| a | b |\n| - | - |\n| {cell(written)} | y |\n")
    assert gfm.foreign(document) == set()
    assert [kind for kind, _ in gfm.outline(document)] == ["list", "heading", "table"]
    assert [len(row) for row in gfm.rows(document)] == [2, 2]
    assert not _CALLS.search(gfm.called(document))
    if write is not prose:
        assert shown(gfm.rows(document)[1][0]) == shown(text)


def test_code() -> None:
    """The fence is longer than any within."""
    assert code("HTTP 200") == "`HTTP 200`"
    assert code("a``b") == "```a``b```"
    assert code("`a`") == "`` `a` ``"
    assert code(" \n") == ""


def test_cell() -> None:
    """A bar is escaped, and never by two backslashes: some readers take the first one for the escape of the second."""
    assert cell(code("a|b")) == "`a\\|b`"
    assert cell(code("a\\|b")) == "`a\\\u2060\\|b`"


def test_plain() -> None:
    """Names with nothing of note stay as they are."""
    assert (
        plain("Saleor E-commerce API, v1.2 (EU): 100 #1 team") == "Saleor E-commerce API, v1.2 (EU): 100 #\u20601 team"
    )
    assert plain("127.0.0.1:5432: refused") == "127.0.0.1:5432: refused"
    assert plain("a :tada: b") == "a :\u2060tada: b"
    assert plain("a_b*c|d") == "a\\_b\\*c&#124;d"


def test_prose() -> None:
    """Commands are code; a backtick without its fellow is one."""
    assert prose("See `curl -i http://127.0.0.1/`, *now*.") == "See `curl -i http://127.0.0.1/`, \\*now\\*."
    assert prose("a ` b") == "a \\` b"
