"""Writes text of others into GitHub-flavoured Markdown so that it stays text.

Backslashes keep a character from being markup. They do not keep what GitHub and GitLab make of the finished text, such
as ``@user``, ``#12`` and ``www.example.com``, from being a link and from calling people. Neither looks into code: so
text from servers is written as code. In names, which are the owner's, an invisible word joiner stands in their way.
"""

import re

from healthmon.core.safe_text import unbroken

_MARKUP = re.compile(r"[\\`*_\[\]<>&~$]")
_MEANT_FOR_OTHERS = re.compile(r"[@#!%$&~](?=\w)|:(?=//|\d*[a-z_+-][\w+-]*:)|\bwww(?=\.)|\bGH-(?=\d)", re.IGNORECASE)
_JOINER = "\u2060"


def code(text: str) -> str:
    """Text as code."""
    text = unbroken(text)
    if not text.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    # One space at either end is taken away again; without it, a backtick there would be part of the fence.
    space = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    fence = "`" * (longest + 1)
    return f"{fence}{space}{text}{space}{fence}"


def cell(markup: str) -> str:
    """Markup for a table, in which a bar would end the cell, in code too."""
    # A backslash before a bar that is escaped would escape the backslash instead, in some readers.
    return markup.replace("\\|", f"\\{_JOINER}|").replace("|", "\\|")


def plain(text: str) -> str:
    """Text as text: in a paragraph, in a heading, in a table."""
    text = _MEANT_FOR_OTHERS.sub(rf"\g<0>{_JOINER}", unbroken(text))
    return _MARKUP.sub(r"\\\g<0>", text).replace("|", "&#124;")


def prose(text: str) -> str:
    """A sentence in which commands stand between backticks."""
    parts = re.split("`([^`]+)`", text)
    return "".join(code(part) if number % 2 else plain(part) for number, part in enumerate(parts))
