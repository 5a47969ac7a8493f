"""Cuts what a command writes into lines that can be shown: as it comes, and within bounds whatever comes. Pure."""

from collections import deque
from collections.abc import Collection, Iterator

from healthmon.core.masking import mask
from healthmon.core.safe_text import clean

LONGEST = 500
"""The most characters of a line."""

_MOST_BYTES = 8 * 2**10  # of one line that are looked at; the rest, up to its end, is passed over
_FIRST = 20_000
_LAST = 100


class Lines:
    """The lines of one command: the first ones as they come, then only the last ones, at its end.

    A carriage return ends a line too: what draws progress bars writes many in one.

    Args:
        secrets: Texts that may appear in no output.
        first: So many lines are given at once.
        last: So many of those that follow are given at the end.
    """

    def __init__(self, secrets: Collection[str] = (), *, first: int = _FIRST, last: int = _LAST) -> None:
        self._secrets = frozenset(secrets)
        self._left = first
        self._begun = bytearray()
        self._last: deque[bytes] = deque(maxlen=last)
        self._beyond = 0

    def take(self, data: bytes) -> list[str]:
        """Take what was written, and give the lines that are complete by it."""
        *ended, rest = data.replace(b"\r", b"\n").split(b"\n")
        given = []
        for piece in ended:
            self._begin(piece)
            given += self._end()
        self._begin(rest)
        return given

    def close(self) -> list[str]:
        """The last lines, an unfinished one too. The command has ended."""
        given = self._end()
        beyond, kept = self._beyond, list(self._last)
        if beyond > len(kept):
            given.append(f"({beyond - len(kept)} more lines, which are left out)")
        return [*given, *self._shown(kept)]

    def _begin(self, piece: bytes) -> None:
        self._begun += piece[: _MOST_BYTES - len(self._begun)]

    def _end(self) -> list[str]:
        line = bytes(self._begun)
        self._begun.clear()
        if not line.strip():
            return []
        if not self._left:
            self._beyond += 1
            self._last.append(line)
            return []
        self._left -= 1
        return list(self._shown([line]))

    def _shown(self, lines: list[bytes]) -> Iterator[str]:
        for line in lines:
            text = line.decode("utf-8", "replace")
            if len(line) >= _MOST_BYTES:
                # It may end in the middle of a secret, which nobody would find.
                text = mask(text, self._secrets)[: _MOST_BYTES // 2]
            shown = clean(text, self._secrets, LONGEST)
            if shown:
                yield shown
