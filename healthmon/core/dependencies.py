"""Finds the root of a failure among the dependencies of a service."""

from collections.abc import Iterable, Mapping

from msgspec import structs

from healthmon.core.model import Result, Verdict


def attribute(results: Iterable[Result]) -> tuple[Result, ...]:
    """Mark every failed result with its root, the failed dependency that explains it.

    The verdicts stay what was observed. Dependencies without a result are ignored. A root is a failed dependency,
    direct or not, that itself has none; of several the first in the order of the results.
    """
    results = tuple(results)
    if not any(result.verdict is Verdict.DOWN for result in results):
        return results
    roots = _find_roots({result.service.id: result for result in results})
    return tuple(_attributed(result, roots[result.service.id]) for result in results)


def _attributed(result: Result, root: str | None) -> Result:
    blocked = root is not None and result.verdict is Verdict.DOWN
    return structs.replace(result, blocked_by=root) if blocked else result


def _find_roots(results: Mapping[str, Result]) -> dict[str, str | None]:
    """The first root among the dependencies of each service, whatever its own verdict; None where there is none.

    Each service is looked at once, after its dependencies: chains may be long, so not by recursion.
    """
    order = {id_: number for number, id_ in enumerate(results)}
    roots: dict[str, str | None] = {}
    waiting = list(results)
    while waiting:
        id_ = waiting[-1]
        needed = [other for other in results[id_].service.depends_on if other in results]
        unknown = [other for other in needed if other not in roots]
        if unknown and id_ not in roots:
            roots[id_] = None  # until its dependencies are known; a cycle finds this
            waiting += unknown
            continue
        waiting.pop()
        found = (roots[other] or (other if results[other].verdict is Verdict.DOWN else None) for other in needed)
        roots[id_] = min((root for root in found if root), key=order.__getitem__, default=None)
    return roots
