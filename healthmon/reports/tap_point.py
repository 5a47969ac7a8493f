"""A test point of TAP, with its diagnostics in YAML."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from healthmon.core.model import Verdict

_SEVERITIES = {Verdict.UP: "ok", Verdict.DEGRADED: "warning", Verdict.DOWN: "fail", Verdict.UNKNOWN: "error"}


class Point(Struct, frozen=True, kw_only=True):
    """A test point.

    Attributes:
        title: What it is about.
        message: What came of it, in a safe line.
        verdict: What it counts as; None for what is skipped, which passes.
        facts: What else is told of it, as keys and values in YAML.
        details: What a person reads to mend it, each with its label.
    """

    title: str
    message: str
    verdict: Verdict | None
    facts: Sequence[tuple[str, str]] = ()
    details: Sequence[tuple[str, str]] = ()

    def lines(self, number: int) -> Iterator[str]:
        """It, and beneath it the diagnostics."""
        if self.verdict is None:
            yield f"ok {number} - {_description(self.title)} # SKIP {_description(self.message)}"
            return
        yield f"{'ok' if self.verdict.healthy else 'not ok'} {number} - {_description(self.title)}"
        yield "  ---"
        yield f"  message: {quoted(self.message)}"
        yield f"  severity: {_SEVERITIES[self.verdict]}"
        yield from (f"  {key}: {text}" for key, text in self.facts)
        if self.details:
            # Perl's reader takes a text in a list for a key where it begins with a word and a colon.
            yield "  details:"
            yield from (f"    - {key}: {quoted(text)}" for key, text in self.details)
        yield "  ..."


def quoted(text: str) -> str:
    """A line of printable text as YAML in double quotes, which needs no escapes but these."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _description(text: str) -> str:
    r"""A text with ``\`` and ``#`` escaped.

    Consumers that are older than version 14 know no escapes. So that they see no directive either, a ``#`` before what
    could be one is another character that looks like it.
    """
    text = re.sub(r"#(?=\s*(?:todo|skip))", "\N{FULLWIDTH NUMBER SIGN}", text, flags=re.IGNORECASE)
    return re.sub(r"([\\#])", r"\\\1", text)
