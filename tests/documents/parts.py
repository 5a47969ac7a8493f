"""Replaces the parts of a page that stand between markers."""

import re
from collections.abc import Callable


def renewed(page: str, command: str, part: Callable[[str], str]) -> str:
    """The page with each part made anew.

    A part begins with a comment that names it and the command that writes it, and ends with a comment.

    Args:
        page: The page.
        command: The module that writes the parts.
        part: The text of a part, by its name.
    """
    begin = rf"<!-- (?P<name>[^>]*?), written by `python -m {re.escape(command)}` -->\n"
    return re.sub(
        rf"(?P<begin>{begin}).*?(?P<end><!-- End -->)",
        lambda match: f"{match['begin']}\n{part(match['name'])}\n{match['end']}",
        page,
        flags=re.DOTALL,
    )


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "".join(f"{line}\n" for line in lines).replace("|  |", "| |")
