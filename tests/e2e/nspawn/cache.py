"""Folders that are costly to make, kept between runs."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path


def kept(name: str, recipe: Sequence[str], make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills, made when there is none of this recipe yet.

    It is filled under another name and renamed when complete: what was interrupted is never used. Two runs do not
    make the same one.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "healthmon"
    home.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]
    folder = home / f"{name}-{digest}"
    with (home / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for leftover in home.glob(f"{name}.new-*"):
                shutil.rmtree(leftover)
            new = Path(tempfile.mkdtemp(prefix=f"{name}.new-", dir=home))
            new.chmod(0o755)
            make(new)
            new.rename(folder)
    return folder
