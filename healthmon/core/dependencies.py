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
    by_id = {result.service.id: result for result in results}
    return tuple(_attributed(result, by_id) for result in results)


def _attributed(result: Result, by_id: Mapping[str, Result]) -> Result:
    if result.verdict is not Verdict.DOWN:
        return result
    failed = _failed_dependencies(result, by_id)
    roots = (id_ for id_ in by_id if id_ in failed and not _failed_dependencies(by_id[id_], by_id))
    root = next(roots, None)
    return structs.replace(result, blocked_by=root) if root else result


def _failed_dependencies(result: Result, by_id: Mapping[str, Result]) -> set[str]:
    seen: set[str] = set()
    waiting = list(result.service.depends_on)
    while waiting:
        id_ = waiting.pop()
        if id_ in by_id and id_ not in seen:
            seen.add(id_)
            waiting += by_id[id_].service.depends_on
    return {id_ for id_ in seen if by_id[id_].verdict is Verdict.DOWN}
