"""Says of a key that a scheme does not know where it belongs."""

from collections.abc import Iterable

from healthmon.config.explain import Unknown, unknown_key
from healthmon.config.kinds import Path, child, key_names
from healthmon.config.shape import Shape, Shapes


def unknown_to(scheme: str, shapes: Shapes) -> Unknown:
    """The function that says so for the services of one scheme."""

    def unknown(path: Path, known: Iterable[str]) -> str:
        known = tuple(known)
        others = [other for other in shapes if _knows(shapes[other], path)]
        if not others:
            return unknown_key(path, known)
        *first, last = (f"{other}://" for other in others)
        of_others = f"{', '.join(first)} and {last}" if first else last
        if len(path) == 1:
            return f"{path[-1]} is a key of {of_others} services, not of {scheme}:// ones"
        return f"{path[0]}.{path[-1]} is for {of_others} services; {path[0]} of {scheme}:// takes {', '.join(known)}"

    return unknown


def _knows(shape: Shape, path: Path) -> bool:
    kind = shape.kind
    for key in path[:-1]:
        kind = child(kind, key)
    return path[-1] in key_names(kind)
