"""From what a request asks for to the service that is checked, within what the module allows."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import structs

from healthmon.config.module import service_for
from healthmon.config.schema import Module
from healthmon.core.model import Service
from healthmon.core.safe_text import clean
from healthmon.net.guard import Guard
from healthmon.web.probe.asked import Asked, attempt_timeout
from healthmon.web.probe.contract import Refused
from healthmon.web.probe.hostname import url_by_name
from healthmon.web.probe.kinds import KINDS


class Target(NamedTuple):
    """What to check, and what is let through meanwhile."""

    module: Module
    service: Service
    guard: Guard


class Targets:
    """Makes targets, and keeps those that were allowed: a scraper asks for the same again and again.

    Args:
        most: How many are kept; the oldest goes first.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._kept: dict[Asked, Target] = {}

    def find(self, modules: Mapping[str, Module], asked: Asked) -> Target:
        """The target that a request asks for, by the modules as they are now.

        Raises:
            Refused: There is no such module, the target is none for it (400), or it is not allowed (403).
        """
        module = _module(modules, asked.module)
        kept = self._kept.get(asked)
        if kept is not None and kept.module is module:
            return kept
        target = Target(module, _service(module, asked), Guard(module.allow))
        self._kept.pop(asked, None)
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[asked] = target
        return target


def _module(modules: Mapping[str, Module], name: str) -> Module:
    if name not in modules:
        known = ", ".join(modules) or "none"
        raise Refused(400, f'There is no module "{clean(name)}"; there are: {known}.')
    return modules[name]


def _service(module: Module, asked: Asked) -> Service:
    """What is really checked."""
    try:
        service = service_for(module, asked.target)
    except ValueError as error:
        why = clean(str(error), module.template.secrets, limit=500).rstrip(".")
        raise Refused(400, f"The target cannot be probed by the module {module.name}: {why}.") from None
    urls = [service.url] if asked.hostname is None else [service.url, url_by_name(service, asked.hostname)]
    if not all(map(module.allow.admits_url, urls)):
        nothing = not (module.allow.urls or module.allow.networks)
        why = "allows nothing" if nothing else "does not allow this target"
        raise Refused(403, f"The module {module.name} {why}: see `allow` in [modules.{module.name}] of the config.")
    adapted = KINDS[service.address.scheme].adapt(service, asked.hostname)
    return structs.replace(adapted, timeout=attempt_timeout(service, asked.within))
