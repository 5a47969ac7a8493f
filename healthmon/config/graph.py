"""What the services are to each other: ids, dependencies, cycles."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from healthmon.config.kinds import Path
from healthmon.config.nearest import did_you_mean
from healthmon.config.toml import dump


class Node(Struct, frozen=True):
    """A service among the others, known even where the rest of it is faulty.

    Attributes:
        id: Its id; empty where it cannot be told.
        depends_on: The ids of those that it needs; empty where there should be one.
        derived: Whether the id was made from the name.
        place: Tells its file and line.
        report: Takes its faults.
    """

    id: str
    depends_on: tuple[str, ...]
    derived: bool
    place: Callable[[], str]
    report: Callable[[Path, str], None]


def check(nodes: Sequence[Node]) -> None:
    """Report ids that are not unique, dependencies that are not there, and cycles."""
    known: dict[str, Node] = {}
    for node in nodes:
        first = known.setdefault(node.id, node) if node.id else node
        if first is not node:
            remedy = "; it was made from the name: write an id" if node.derived else ""
            node.report(
                ("name" if node.derived else "id",), f"the id {dump(node.id)} is taken by {first.place()}{remedy}"
            )
    for node in nodes:
        for index, dependency in enumerate(node.depends_on):
            if dependency and dependency not in known:
                nearest = did_you_mean(dependency, known)
                node.report(("depends_on", index), f"there is no service {dump(dependency)}{nearest}")
    for cycle in _cycles(known):
        node = known[cycle[0]]
        index = node.depends_on.index(cycle[1])
        node.report(("depends_on", index), f"services that need each other: {' → '.join(cycle)}")


def _cycles(nodes: dict[str, Node]) -> Iterator[list[str]]:
    """Yield a cycle for each dependency that closes one, in a walk that goes down each service only once."""
    done: set[str] = set()
    for start in list(nodes):
        # A stack of our own: a chain of dependencies may be longer than Python's.
        trail: dict[str, Iterator[str]] = {} if start in done else {start: iter(nodes[start].depends_on)}
        while trail:
            here = next(reversed(trail))
            following = next(trail[here], None)
            if following is None:
                done.add(here)
                del trail[here]
            elif following in trail:
                names = list(trail)
                yield [*names[names.index(following) :], following]
            elif following in nodes and following not in done:
                trail[following] = iter(nodes[following].depends_on)
