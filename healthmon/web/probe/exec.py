"""Commands by `/probe`: none is run because a stranger asks for it."""

from typing import NoReturn

from healthmon.core.model import Service
from healthmon.web.probe.contract import Kind, Refused


def _refuse(service: Service, hostname: str | None) -> NoReturn:
    del service, hostname
    raise Refused(403, "Commands are not run on request: write a service with the URL exec: into the config.")


EXEC = Kind(lambda _: (), _refuse)
