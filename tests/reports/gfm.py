"""Reads Markdown as GitHub does, by the program that its renderer is made from: cmark-gfm."""

import shutil
import subprocess
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

CMARK = shutil.which("cmark-gfm")
needs_cmark = pytest.mark.skipif(CMARK is None, reason="needs cmark-gfm: apt-get install cmark-gfm")

_OURS = {
    *("document", "heading", "paragraph", "text", "code", "strong", "list", "item"),
    *("table", "table_header", "table_row", "table_cell"),
}


def parse(markdown: str) -> ET.Element:
    """The document, with all of GitHub's extensions."""
    assert CMARK
    extensions = ("table", "autolink", "strikethrough", "tasklist", "footnotes")
    options = [part for name in extensions for part in ("-e", name)]
    done = subprocess.run([CMARK, "-t", "xml", *options], input=markdown.encode(), capture_output=True, check=True)
    # What XML cannot hold is no matter of Markdown.
    text = done.stdout.decode()
    return ET.fromstring(text)


def name(node: ET.Element) -> str:
    """What kind of node it is."""
    return node.tag.rpartition("}")[2]


def foreign(document: ET.Element) -> set[str]:
    """The kinds of nodes that no report of ours has: links, images, HTML, quotes, ..."""
    return {name(node) for node in document.iter()} - _OURS


def rows(document: ET.Element) -> list[list[str]]:
    """The cells of all tables, as text."""
    return [
        ["".join(_texts(cell)) for cell in row] for row in document.iter() if name(row) in ("table_row", "table_header")
    ]


def outline(document: ET.Element) -> list[tuple[str, str]]:
    """The blocks of the document, and the texts of its headings."""
    return [(name(node), "".join(_texts(node)) if name(node) == "heading" else "") for node in document]


def called(document: ET.Element) -> str:
    """All text outside of code, in which GitHub looks for people and for numbers."""
    return "\n".join(node.text or "" for node in document.iter() if name(node) == "text")


def _texts(node: ET.Element) -> Iterator[str]:
    for part in node.iter():
        if name(part) in ("text", "code"):
            yield part.text or ""
