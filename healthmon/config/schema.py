"""The configuration as frozen data."""

from collections.abc import Mapping

from msgspec import Struct

from healthmon.core.allow import Allow
from healthmon.core.maintenance import Window
from healthmon.core.model import Service
from healthmon.core.state import Flapping


class ServerTls(Struct, frozen=True, kw_only=True):
    """How the daemon's own HTTP side speaks TLS. The files are PEM files.

    Attributes:
        cert: The certificate chain.
        key: The private key.
        client_ca: The authorities of which every client needs a certificate; None to ask for none.
    """

    cert: str
    key: str
    client_ca: str | None = None


class Access(Struct, frozen=True, kw_only=True):
    """What a client of the daemon must show, everywhere but at `/-/healthy`. One of the two, or both.

    Attributes:
        username: The name for the Basic scheme (RFC 7617); None if that is not accepted.
        password: Its password.
        bearer: A token (RFC 6750); None if none is accepted.
    """

    username: str | None = None
    password: str = ""
    bearer: str | None = None

    def __repr__(self) -> str:
        """Without secrets."""
        return "<Access>"


class DaemonSettings(Struct, frozen=True, kw_only=True):
    """What `[daemon]` says.

    Attributes:
        listen: The address and the port to listen on. An empty address stands for all, port 0 for a free one.
        tls: How to speak TLS; None for plain HTTP.
        access: What clients must show; None for nothing.
        max_concurrency: The most checks under way at a time; None for as many as the open-file limit allows.
        flapping: When a service counts as flapping.
        secrets: Texts that may appear in no output.
    """

    listen: tuple[str, int] = ("127.0.0.1", 9877)
    tls: ServerTls | None = None
    access: Access | None = None
    max_concurrency: int | None = None
    flapping: Flapping = Flapping()
    secrets: frozenset[str] = frozenset()


class Module(Struct, frozen=True, kw_only=True):
    """A way to probe targets that are named in a request to `/probe`.

    Attributes:
        name: Its name.
        probe: The scheme of targets that come without one.
        template: A service with the module's keys. Its URL, address, name and id are stand-ins.
        allow: Which targets it may be asked for.
    """

    name: str
    probe: str
    template: Service
    allow: Allow


class Config(Struct, frozen=True, kw_only=True):
    """All that the config files say.

    Attributes:
        path: The main file.
        host: What `{host}` stands for, or None.
        services: Every service in the order of the files, the disabled ones included.
        daemon: What is for the daemon only.
        maintenance: The maintenance windows.
        modules: The modules of `/probe` by name, the built-in ones included.
        files: All files that the config was read from, the main one first.
        includes: The patterns of `include` as absolute globs, in which `**` stands for any folders: a file that begins
            to match one belongs to the config.
        expected: What was expected beside what the files say, as it was typed, and the ids of the services it is for.
    """

    path: str
    host: str | None
    services: tuple[Service, ...]
    daemon: DaemonSettings = DaemonSettings()
    maintenance: tuple[Window, ...] = ()
    modules: Mapping[str, Module] = {}
    files: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    expected: Mapping[str, tuple[str, ...]] = {}


class Chosen(Struct, frozen=True):
    """A config, and the services of it that are chosen, in its order."""

    config: Config
    services: tuple[Service, ...]
