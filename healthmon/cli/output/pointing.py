"""Where services are written, told as the readers of a report look for it: from the root of the repository."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from healthmon.config.schema import Config
from healthmon.core.model import Place


def places(config: Config, *, environ: Mapping[str, str], cwd: Path) -> dict[str, Place]:
    """Where each service is written, by its id.

    Args:
        config: The config.
        environ: The environment; GitHub gives the folder of the repository as `GITHUB_WORKSPACE`.
        cwd: The working directory, which stands for that folder elsewhere.
    """
    from healthmon.config.places import places as places_of

    root = Path(environ.get("GITHUB_WORKSPACE") or cwd).resolve()
    return {id_: _seen_from(root, place) for id_, place in places_of(config).items()}


def _seen_from(root: Path, place: Place) -> Place:
    """With a path that begins at the root; one that leads elsewhere stays whole."""
    file = Path(place.file).resolve()
    seen = file.relative_to(root) if file.is_relative_to(root) else file
    # A report is UTF-8; the name of a file may be anything.
    return structs.replace(place, file=os.fsencode(seen).decode(errors="replace"))
