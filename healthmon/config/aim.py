"""Expectations from the command line on their way to services: which of them count, and where they stand in a table."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, inspect

from healthmon.config.added import Added
from healthmon.config.kinds import Kind, child
from healthmon.config.nearest import did_you_mean

Place = tuple[str, ...]
"""Where something stands in a service's table."""


class Part(Struct, frozen=True):
    """What an expectation says of one place.

    Attributes:
        path: The place.
        value: What is expected there.
        text: The expectation as it was typed.
        broad: Whether that is for all that a glob matches.
    """

    path: Place
    value: Any
    text: str
    broad: bool

    @property
    def key(self) -> str:
        """The place within `expect`, as the service names it."""
        return " ".join(self.path[1:])


class Aimed(Struct, frozen=True):
    """An expectation on its way to a service.

    Attributes:
        text: As it was typed.
        key: The key of `expect`, with what follows it.
        value: What is expected.
        broad: Whether it is for all that a glob matches: then it passes by those whose scheme does not know the key.
    """

    text: str
    key: str
    value: Any
    broad: bool

    @property
    def word(self) -> str:
        """The key alone."""
        return self.key.partition(".")[0]

    def parts(self, expect: Kind) -> Iterator[Part]:
        """What it says of each place: a whole table counts key by key, as if each had been typed.

        Args:
            expect: What `expect` of the service may hold.
        """
        word, dot, inner = self.key.partition(".")
        within = isinstance(child(expect, word), inspect.DictType | inspect.StructType)
        if within and not dot and isinstance(self.value, dict):
            for key, value in self.value.items():
                yield Part(("expect", word, key), value, self.text, self.broad)
        else:
            path = ("expect", word, inner) if within and dot else ("expect", self.key)
            yield Part(path, self.value, self.text, self.broad)


class Aim:
    """All expectations, and the services that they are for.

    Attributes:
        faults: The expectations that are for none, and what is wrong with each.
    """

    def __init__(self, added: Iterable[Added], ids: Iterable[str]) -> None:
        """Find the services by their ids."""
        known = dict.fromkeys(ids)
        self.faults: list[tuple[str, str]] = []
        self._aimed: dict[str, list[Aimed]] = {}
        for one in added:
            found, key = one.split(known)
            if not found:
                name = one.target.partition(".")[0]
                self.faults.append((one.text, f"there is no service {name}{did_you_mean(name, known)}"))
            for id_ in found:
                broad = not one.target.startswith(f"{id_}.")
                self._aimed.setdefault(id_, []).append(Aimed(one.text, key, one.value, broad))

    def at(self, id_: str) -> Iterable[Aimed]:
        """The expectations that are for a service, in their order."""
        return self._aimed.get(id_, ())


def settled(aimed: Iterable[Aimed], expect: Kind) -> tuple[list[Part], list[tuple[str, str]]]:
    """What counts for one service: at each place what was typed with its id, otherwise what a glob brings.

    Args:
        aimed: The expectations that are for it.
        expect: What its `expect` may hold.

    Returns:
        What counts; and the expectations that contradict another, and what is wrong with each.
    """
    found: dict[Place, Part] = {}
    faults: list[tuple[str, str]] = []
    for one in sorted(aimed, key=lambda one: one.broad):
        for part in one.parts(expect):
            other = found.setdefault(_folded(part.path), part)
            if other is not part and other.broad == part.broad:
                faults.append((part.text, f"the same is expected twice; the other one is {other.text}"))
    return list(found.values()), faults


def put(table: dict[str, Any], part: Part) -> None:
    """Put an expectation into a service's table in the place of what stands there, a header in any case of letters.

    What a table is made of is shared with others, so that it is copied. Where no table stands that should, which is a
    fault of the file, that is left as it is.
    """
    for key in part.path[:-1]:
        inner = table.get(key, {})
        if not isinstance(inner, dict):
            return
        copied = table[key] = dict(inner)
        table = copied
    same = _folded(part.path)
    for other in [key for key in table if key != part.path[-1] and _folded((*part.path[:-1], key)) == same]:
        del table[other]
    table[part.path[-1]] = part.value


def _folded(path: Place) -> Place:
    """The same for all that is the same place: the name of a header is, in any case of letters."""
    return tuple(map(str.lower, path)) if path[:2] == ("expect", "header") else path
