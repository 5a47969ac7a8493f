"""What makes two runs the same job: their locks and their state files are one."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import structs

from healthmon.cli.choice import Choice
from healthmon.errors import UsageError

LOCK_FOLDERS = (Path("/run/lock"), Path("/tmp"))  # noqa: S108 - what others may put there is refused
"""Where locks are, the first that may be written to.

They are the same from cron and from a terminal, so that a run by hand meets the one from cron. ``$XDG_RUNTIME_DIR`` is
not: cron does not set it.
"""


def job_name(choice: Choice, config: Path) -> str:
    """A short name: the same for the same config file, host and selection.

    The path is taken as it was written: where `current` is a link that each deployment moves, it is still the same job.
    """
    from hashlib import blake2b

    key = structs.replace(choice, config=os.path.abspath(config))  # noqa: PTH100 - Path.resolve follows links
    digest = blake2b(msgspec.json.encode(key, enc_hook=repr, order="deterministic"), digest_size=6).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', config.stem)[:40]}-{digest}"


def lock_path(name: str) -> Path:
    """Where the lock of a job is, for each user another one."""
    folder = next((folder for folder in LOCK_FOLDERS if os.access(folder, os.W_OK | os.X_OK)), LOCK_FOLDERS[-1])
    return folder / f"healthmon-{os.geteuid()}-{name}.lock"


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where state files are: what systemd gives, or the folder for them in the user's home (XDG base directories).

    A home folder that is not in the environment is looked up by the user's number.

    Raises:
        UsageError: There is none.
    """
    if given := environ.get("STATE_DIRECTORY"):
        return Path(given.partition(":")[0])
    # A relative path is to be ignored, says the specification.
    if (base := environ.get("XDG_STATE_HOME", "")).startswith("/"):
        return Path(base, "healthmon")
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - says so where it finds none
    if not home.startswith("/"):
        raise UsageError("--on-change: this user has no home folder to keep the state file in; name one with --state.")
    return Path(home, ".local/state/healthmon")
