"""Finds and reads the config."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from healthmon.config.added import Added
from healthmon.config.daemon import settings
from healthmon.config.files import Source, read
from healthmon.config.loader import Loader
from healthmon.config.modules import module
from healthmon.config.schema import Config
from healthmon.config.windows import window
from healthmon.errors import ConfigError, Fault

SYSTEM_WIDE = Path("/etc/healthmon/services.toml")


def find(explicit: str | None, *, environ: Mapping[str, str], cwd: Path) -> Path:
    """Find the config file.

    Args:
        explicit: The file that the user named, or None.
        environ: The environment; `HEALTHMON_CONFIG` names a file.
        cwd: The working directory.

    Raises:
        ConfigError: There is none. Lists the places where it was looked for.
    """
    if named := explicit or environ.get("HEALTHMON_CONFIG"):
        return Path(named)
    places = (Path("config/services.toml"), Path("services.toml"), SYSTEM_WIDE)
    for place in places:
        if (cwd / place).is_file():
            return place
    looked = ", ".join(str(place) for place in places)
    message = f"there is no config file (looked for {looked}); `healthmon init` writes one, --config names one"
    raise ConfigError([Fault("healthmon", None, message)])


def load(
    path: Path,
    *,
    environ: Mapping[str, str],
    host: str | None = None,
    with_groups: Collection[str] = (),
    with_ids: Collection[str] = (),
    expect: Sequence[Added] = (),
) -> Config:
    """Read a config file and the files that it includes.

    Args:
        path: The main file.
        environ: The environment, for the placeholders.
        host: What `{host}` stands for, instead of what the file says.
        with_groups: Groups whose disabled services are enabled.
        with_ids: Disabled services that are enabled.
        expect: What is expected of services beside what the files say.

    Raises:
        ConfigError: Something is wrong. Lists all of it.
        UsageError: Only what is expected beside what the files say is wrong.
    """
    main = read(path, where_missing="check the path, or write one with `healthmon init`")
    loader = Loader(main, environ=environ, host=host, with_groups=with_groups, with_ids=with_ids, expect=expect)
    return _config(loader, str(path))


def parse(
    text: str,
    *,
    path: str = "services.toml",
    environ: Mapping[str, str] = {},
    host: str | None = None,
    with_groups: Collection[str] = (),
    expect: Sequence[Added] = (),
) -> Config:
    """Read a config from its text. `path` names it, and paths in it are relative to that file's folder.

    Raises:
        ConfigError: Something is wrong. Lists all of it.
        UsageError: Only what is expected beside what the files say is wrong.
    """
    loader = Loader(Source(path, text), environ=environ, host=host, with_groups=with_groups, expect=expect)
    return _config(loader, path)


def _config(loader: Loader, path: str) -> Config:
    sections = loader.sections
    services = tuple(draft.service for draft in loader.drafts if draft.service)
    return Config(
        path=path,
        host=loader.host,
        services=services,
        daemon=settings(sections.daemon.keys, sections.daemon.secrets),
        maintenance=tuple(window(section.keys) for section in sections.windows),
        modules={name: module(name, section) for name, section in sections.modules.items()},
        files=loader.files,
        includes=loader.includes,
        expected=loader.expected,
    )
