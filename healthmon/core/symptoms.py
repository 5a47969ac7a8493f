"""What an answer itself tells of its cause, where that is more than the cause: a table, and how it is read from HTTP.

A symptom's name is the protocol's and its own, such as ``postgres.password``. Probes name the symptoms of their
protocols when they fail; those of an HTTP answer are found here.
"""

from collections.abc import Mapping

from msgspec import Struct

from healthmon.core.model import Outcome


class Entry(Struct, frozen=True):
    """What something that went wrong means, and what to do next.

    Both may hold the words in braces that `healthmon.core.causes` fills in: `{id}`, `{host}`, `{port}`, `{address}`,
    `{url}`, `{by_hand}`, ...

    Attributes:
        explanation: One sentence that says what it means.
        next_step: What to do next.
        hint: Whether the service itself is to be looked at, so that its owner's hint helps.
    """

    explanation: str
    next_step: str
    hint: bool = True


SYMPTOMS: Mapping[str, Entry] = {}
"""The symptoms by name."""


def symptom_of(outcome: Outcome) -> str | None:
    """The symptom that an answer shows, or None."""
    del outcome
    return None
