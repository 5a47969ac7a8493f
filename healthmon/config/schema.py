"""The configuration as frozen data."""

from msgspec import Struct

from healthmon.core.model import Service


class Config(Struct, frozen=True, kw_only=True):
    """All that the config files say.

    Attributes:
        path: The main file.
        host: What `{host}` stands for, or None.
        services: Every service in the order of the files, the disabled ones included.
    """

    path: str
    host: str | None
    services: tuple[Service, ...]
