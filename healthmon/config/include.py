"""The files that a config is made of: the main one, and those that it includes."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path

from healthmon.config.faults import Faults
from healthmon.config.files import Source, read
from healthmon.errors import ConfigError


def absolute(main: Source, pattern: str) -> str:
    """A pattern of the main file as one that means the same in any folder."""
    return os.path.join(glob.escape(os.path.abspath(main.folder)), pattern)  # noqa: PTH100, PTH118 - follows no links


def included(main: Source, patterns: list[str], faults: Faults) -> Iterator[Source]:
    """Yield the files that the patterns match, in the order of the patterns, then of the names; each only once."""
    folder = glob.escape(str(main.folder))
    seen = {os.path.realpath(main.name)}
    for index, pattern in enumerate(patterns):
        # Path.glob takes no absolute patterns, and the folder's own name is no pattern.
        try:
            found = sorted(glob.glob(os.path.join(folder, pattern), recursive=True))  # noqa: PTH118, PTH207
        except RecursionError:
            faults.add(main, ("include", index), "the pattern has too many parts")
            continue
        paths = [path for path in found if Path(path).is_file()]
        # A folder for more files, such as conf.d, may be empty or not be there yet.
        if not paths and not glob.has_magic(pattern):
            faults.add(main, ("include", index), f"there is no file {pattern}")
        for path in paths:
            if os.path.realpath(path) not in seen:
                seen.add(os.path.realpath(path))
                yield from _one(Path(path), main, faults)


def _one(path: Path, main: Source, faults: Faults) -> Iterator[Source]:
    try:
        source = read(path)
    except ConfigError as error:
        faults.extend(error.faults)
        return
    for key in source.table.keys() - {"services"}:
        faults.add(source, (key,), f"an included file holds [[services]] only; {key} belongs in {main.name}")
    yield source
