"""Chooses services by id, group, tag and phase."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from healthmon.core.model import Service


class Selection(Struct, frozen=True):
    """Which services take part. Empty demands nothing.

    Attributes:
        only: Patterns (globs) of ids, one of which must match.
        skip: Patterns of ids, none of which may match.
        groups: Groups, one of which the service must be in.
        tags: Tags, one of which the service must have.
        phase: The last phase: services of this and earlier ones take part, those without a phase do not.
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    phase: int | None = None

    def choose(self, services: Iterable[Service]) -> tuple[Service, ...]:
        """The enabled services that take part, in their order."""
        return tuple(service for service in services if service.enabled and self._takes(service))

    def _takes(self, service: Service) -> bool:
        return (
            (not self.only or any(matches_id(pattern, service.id) for pattern in self.only))
            and not any(matches_id(pattern, service.id) for pattern in self.skip)
            and (not self.groups or service.group in self.groups)
            and (not self.tags or not set(self.tags).isdisjoint(service.tags))
            and (self.phase is None or (service.phase is not None and service.phase <= self.phase))
        )


def matches_id(pattern: str, id_: str) -> bool:
    """Whether a pattern (a glob, in which case counts) matches an id."""
    return fnmatchcase(id_, pattern)
