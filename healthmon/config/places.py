"""Tells where each service of a config is written: the config itself does not keep it, for few ask."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from healthmon.config.files import read
from healthmon.config.schema import Config
from healthmon.config.service import identifier
from healthmon.core.model import Place
from healthmon.errors import ConfigError


class _Header(Struct, frozen=True):
    """A ``[[services]]`` of a file: where it stands, and the id; None where that cannot be told from the file alone."""

    place: Place
    id: str | None


def places(config: Config) -> dict[str, Place]:
    """Where each service is written, by its id: its file, and the line of its ``[[services]]``.

    The files are read once more. Of a service that is not found there any more, because a file was changed or removed
    meanwhile, the place is the main file without a line.
    """
    ids = [service.id for service in config.services]
    headers = [header for file in config.files for header in _headers(file)]
    if _same(headers, ids):
        return {id_: header.place for id_, header in zip(ids, headers, strict=True)}
    found = {header.id: header.place for header in headers}
    return {id_: found.get(id_, Place(config.path, None)) for id_ in ids}


def _same(headers: Sequence[_Header], ids: Sequence[str]) -> bool:
    """Whether these are still the services that the config was made of, in their order."""
    if len(headers) != len(ids):
        return False
    return all(header.id in (id_, None) for header, id_ in zip(headers, ids, strict=True))


def _headers(file: str) -> Iterator[_Header]:
    """The services of a file, in their order."""
    # What is no plain file, such as a pipe, gives its text only once, and a second reader may wait for ever.
    if not Path(file).is_file():
        return
    try:
        source = read(Path(file))
    except ConfigError:
        return
    services = source.table.get("services")
    for index, table in enumerate(services if isinstance(services, list) else ()):
        if isinstance(table, dict):
            yield _Header(Place(source.name, source.line(("services", index))), _id(table.get("id"), table.get("name")))


def _id(own: object, name: object) -> str | None:
    given = own if isinstance(own, str) else name
    if not isinstance(given, str) or "${" in given:
        return None
    return given if given is own else identifier(given)
