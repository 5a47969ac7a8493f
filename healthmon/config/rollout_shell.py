"""Finds what only a shell would understand in a command that no shell reads."""

import re

_SINGLE = r"'[^']*'"
_DOUBLE = r'"(?:\\.|[^"\\])*"'
_BARE = r"""[^\s'"\\]+"""
_PIECE = re.compile(rf"{_SINGLE}|(?P<double>{_DOUBLE})|\\.|(?P<bare>{_BARE})", re.DOTALL)
_WORD = re.compile(rf"(?:{_SINGLE}|{_DOUBLE}|\\.|{_BARE})+", re.DOTALL)
_OPERATOR = re.compile(r"&&|\|\||^\|&?$|^;;?$|^&$|;$|(?<=.)&$|^[0-9]*[<>]|^&>")
_EXPANDED = re.compile(r"\$(?:[A-Za-z_?$@#*0-9!]|\{|\()|`")
_BUILT_IN = frozenset(
    {"cd", "export", "source", ".", "set", "unset", "umask", "ulimit", "trap", "eval", "if", "for", "while"}
)
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


def shell_word(command: str) -> str | None:
    """The first word of a command that means something to a shell alone; None where there is none.

    What stands in single quotes means itself, and so does a script in double quotes, which some other shell is to read:
    ``bash -c "echo $HOME"``.

    Args:
        command: The command as a person would type it.
    """
    for number, match in enumerate(_WORD.finditer(command)):
        word = match[0]
        if number == 0 and (word in _BUILT_IN or _ASSIGNMENT.match(word)):
            return word
        pieces = list(_PIECE.finditer(word))
        bare = "".join(piece["bare"] or "\0" for piece in pieces)
        texts = [piece["bare"] or piece["double"] or "" for piece in pieces if not re.search(r"\s", piece[0])]
        if _OPERATOR.search(bare) or any(map(_EXPANDED.search, texts)):
            return word
    return None
