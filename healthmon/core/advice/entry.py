"""What went wrong, in words for people."""

from msgspec import Struct


class Entry(Struct, frozen=True):
    """What something that went wrong means, and what to do next.

    Both may hold the words in braces that `healthmon.core.advice.advise` fills in: `{id}`, `{host}`, `{port}`,
    `{address}`, `{url}`, `{by_hand}`, `{container}`, ...

    Attributes:
        explanation: One sentence that says what it means.
        next_step: What to do next.
        typed: What to do next, after the sentence that says so, where what is not met was demanded on the command line;
            None where `next_step` serves there too, for it names no key of the config file.
        hint: Whether the service itself is to be looked at, so that its owner's hint helps.
    """

    explanation: str
    next_step: str
    hint: bool = True
    typed: str | None = None


OLD = "; where that comes from an old version, the deployment has not replaced it yet."
"""What is to be thought of where an answer was typed that the new version alone gives: the end of a next step."""
