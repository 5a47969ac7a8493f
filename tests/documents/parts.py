"""Replaces the parts of a page that stand between markers."""

import re
from collections.abc import Callable, Sequence


def renewed(page: str, command: str, part: Callable[[str, str], str]) -> str:
    """The page with each part made anew.

    A part begins with a comment that names it and the command that writes it, and ends with a comment.

    Args:
        page: The page.
        command: The module that writes the parts.
        part: The text of a part, by its name and what stands there now.
    """
    begin = rf"<!-- (?P<name>[^>]*?), written by `python -m {re.escape(command)}` -->\n"
    return re.sub(
        rf"(?P<begin>{begin})(?P<now>.*?)(?P<end><!-- End -->)",
        lambda match: f"{match['begin']}\n{part(match['name'], match['now'])}\n{match['end']}",
        page,
        flags=re.DOTALL,
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [_line(heads), "|---" * len(heads) + "|", *map(_line, rows)]
    return "".join(f"{line}\n" for line in lines)


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in escaped)


def rows_of(text: str) -> dict[str, list[str]]:
    """The rows of a table in Markdown: the first cell in backticks to the other cells."""
    rows = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            first, *rest = re.split(r"(?<!\\)\|", line)[1:-1]
            rows[first.strip(" `")] = [cell.strip().replace("\\|", "|") for cell in rest]
    return rows
