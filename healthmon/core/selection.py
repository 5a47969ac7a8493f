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
            (not self.only or _any_matches(self.only, service.id))
            and not _any_matches(self.skip, service.id)
            and (not self.groups or service.group in self.groups)
            and (not self.tags or not set(self.tags).isdisjoint(service.tags))
            and (self.phase is None or (service.phase is not None and service.phase <= self.phase))
        )


def _any_matches(patterns: Iterable[str], text: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
