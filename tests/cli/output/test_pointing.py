"""Where services are written, as seen from the root of the repository."""

import os
from pathlib import Path

from healthmon.cli.output.pointing import places
from healthmon.config.load import load
from healthmon.core.model import Place

CONFIG = 'include = ["../more.toml"]\n\n[[services]]\nname = "A"\nurl = "http://127.0.0.1/"\n'
MORE = '[[services]]\nname = "B"\nurl = "http://127.0.0.1/"\n'


def test_the_root_of_the_repository(tmp_path: Path) -> None:
    """Is what GitHub says, or else the working directory; what is not below it keeps its whole path."""
    folder = tmp_path / "repository"
    folder.mkdir()
    path, more = folder / "services.toml", tmp_path / "more.toml"
    path.write_text(CONFIG)
    more.write_text(MORE)
    config = load(path, environ={})
    above = {"a": Place("repository/services.toml", 3), "b": Place("more.toml", 1)}
    assert places(config, environ={"GITHUB_WORKSPACE": str(tmp_path)}, cwd=folder) == above
    inside = {"a": Place("services.toml", 3), "b": Place(str(more), 1)}
    assert places(config, environ={}, cwd=folder) == inside
    assert places(config, environ={"GITHUB_WORKSPACE": ""}, cwd=folder) == inside


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """Can be written in a report, if not found by it."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    path = folder / "services.toml"
    path.write_text(MORE)
    assert places(load(path, environ={}), environ={}, cwd=tmp_path) == {"b": Place("caf\ufffd/services.toml", 1)}
