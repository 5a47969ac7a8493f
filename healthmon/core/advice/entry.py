"""What went wrong, in words for people."""

from msgspec import Struct


class Entry(Struct, frozen=True):
    """What something that went wrong means, and what to do next.

    Both may hold the words in braces that `healthmon.core.advice.advise` fills in: `{id}`, `{host}`, `{port}`,
    `{address}`, `{url}`, `{by_hand}`, `{container}`, ...

    Attributes:
        explanation: One sentence that says what it means.
        next_step: What to do next.
        hint: Whether the service itself is to be looked at, so that its owner's hint helps.
    """

    explanation: str
    next_step: str
    hint: bool = True
