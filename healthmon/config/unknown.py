"""Says of a key that a scheme does not know where it belongs."""

from collections.abc import Iterable

from healthmon.config.explain import Unknown, unknown_key
from healthmon.config.kinds import Path, child, key_names
from healthmon.config.shape import Shape, Shapes


def unknown_to(scheme: str, shapes: Shapes, tables: str = "services") -> Unknown:
    """The function that says so for the services of one scheme.

    Args:
        scheme: The scheme; one that no probe speaks has no keys of its own to list.
        shapes: What the services of each scheme look like.
        tables: What the tables are called for people that hold such keys.
    """
    spoken = scheme in list(shapes)

    def unknown(path: Path, known: Iterable[str]) -> str:
        known = tuple(known)
        others = [other for other in shapes if _knows(shapes[other], path)]
        if not others:
            listed = f"; {scheme}:// takes {_taken(shapes[scheme], tables)}" if len(path) == 1 and spoken else ""
            return unknown_key(path, known, listed)
        *first, last = (f"{other}://" for other in others)
        of_others = f"{', '.join(first)} and {last}" if first else last
        if len(path) == 1:
            taken = f", which take {_taken(shapes[scheme], tables)}" if spoken else ""
            return f"{path[-1]} is a key of {of_others} services, not of {scheme}:// ones{taken}"
        return f"{path[0]}.{path[-1]} is for {of_others} services; {path[0]} of {scheme}:// takes {', '.join(known)}"

    return unknown


def _taken(shape: Shape, tables: str) -> str:
    """The keys of the probe itself one by one; those that all tables have are too many for a message."""
    return ", ".join([*shape.options.__struct_fields__, f"and the keys of all {tables} (docs/config.md)"])


def _knows(shape: Shape, path: Path) -> bool:
    kind = shape.kind
    for key in path[:-1]:
        kind = child(kind, key)
    return path[-1] in key_names(kind)
