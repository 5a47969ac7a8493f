"""The keys of `[daemon]`, and what the daemon makes of them."""

import re
from typing import Self

from msgspec import Struct

from healthmon.config.keys import Threshold
from healthmon.config.schema import Access, DaemonSettings, ServerTls
from healthmon.config.secrets import basic_forms
from healthmon.core.hosts import is_host
from healthmon.core.state import Flapping
from healthmon.core.units import FilePath, PositiveDuration
from healthmon.net.http.auth import check_username
from healthmon.net.http.syntax import check_value

_LISTEN = re.compile(r"(?:\[([^\[\]]*)\]:|([^:\[\]]*):)?([0-9]{1,5})")


class Listen(tuple[str, int]):
    """Where to listen: host and port. No host means all addresses of this machine, port 0 a free port."""

    __slots__ = ()
    description = 'an address and a port such as "127.0.0.1:9877" or "[::1]:9877", or only the port for all addresses'

    pattern = r"^(\[[^\[\]]*\]:|[^:\[\]]*:)?[0-9]{1,5}$"
    """What its text looks like, in the syntax of JSON Schema."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the address.

        Raises:
            ValueError: It is not one.
        """
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(f"expected {cls.description}")  # noqa: TRY004 - one error for every fault of a value
        match = _LISTEN.fullmatch(str(value))
        if not match:
            raise ValueError(_not_an_address(str(value)))
        bracketed, name, port = match.groups()
        if bracketed is not None and ":" not in bracketed:
            raise ValueError("only an IPv6 address stands in brackets")
        host = bracketed or name or ""
        if host and not is_host(host):
            raise ValueError("expected a host's name, an IPv4 or an IPv6 address before the port")
        if int(port) > 65535:
            raise ValueError("a port is a number from 0 to 65535")
        return cls((host, int(port)))


def _not_an_address(text: str) -> str:
    if "://" in text:
        return "expected an address and a port, not a URL"
    if is_host(text) and ":" in text:
        return 'an IPv6 address stands in brackets before the port, such as "[::1]:9877"'
    if is_host(text.removeprefix("[").removesuffix("]")):
        return f'the port is missing; write "{text}:9877"'
    return f"expected {Listen.description}"


class ServerTlsKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the daemon's own HTTP side speaks TLS.

    Attributes:
        cert: The certificate chain, a PEM file.
        key: The private key, a PEM file.
        client_ca: The authorities, a PEM file, of which every client needs a certificate.
    """

    cert: FilePath
    key: FilePath
    client_ca: FilePath | None = None


class BasicKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and a password (RFC 7617).

    Attributes:
        username: The user's name.
        password: The password.
    """

    username: str
    password: str

    def __post_init__(self) -> None:
        check_username("basic", self.username)
        _check_secret("`auth.basic.password`", self.password)


class AccessKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What clients must show.

    Attributes:
        basic: A user's name and password.
        bearer: A token (RFC 6750).
    """

    basic: BasicKeys | None = None
    bearer: str | None = None

    def __post_init__(self) -> None:
        if self.basic is None and self.bearer is None:
            raise ValueError("`auth` needs `basic` or `bearer`, or both")
        if self.bearer is not None:
            _check_secret("`auth.bearer`", self.bearer)
            if self.bearer.strip() != self.bearer:
                raise ValueError("`auth.bearer` cannot begin or end with a space: no client could send it")


def _check_secret(what: str, secret: str) -> None:
    if not secret:
        raise ValueError(f"{what} cannot be empty: everybody would be let in")
    check_value(what, secret)


class FlappingKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a service counts as flapping.

    Attributes:
        transitions: The most changes within the window that are still calm.
        window: The time in which they are counted.
    """

    transitions: Threshold = 5
    window: PositiveDuration = PositiveDuration(600)


class DaemonKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is for the daemon only.

    Attributes:
        listen: The address and the port of its HTTP side.
        tls: How that speaks TLS; plain HTTP where it is missing.
        auth: What its clients must show, everywhere but at `/-/healthy`.
        max_concurrency: The most checks under way at a time.
        flapping: When a service counts as flapping.
    """

    listen: Listen = Listen(("127.0.0.1", 9877))
    tls: ServerTlsKeys | None = None
    auth: AccessKeys | None = None
    max_concurrency: Threshold | None = None
    flapping: FlappingKeys = FlappingKeys()


def settings(keys: DaemonKeys, hidden: frozenset[str]) -> DaemonSettings:
    """What the keys say, in plain types. `hidden` are the secrets that they hold."""
    basic = keys.auth.basic if keys.auth else None
    host, port = keys.listen
    return DaemonSettings(
        listen=(host, port),
        tls=_tls(keys.tls) if keys.tls else None,
        access=_access(keys.auth) if keys.auth else None,
        max_concurrency=keys.max_concurrency,
        flapping=Flapping(keys.flapping.transitions, float(keys.flapping.window)),
        secrets=hidden | (basic_forms(basic.username, basic.password) if basic else frozenset()),
    )


def _tls(keys: ServerTlsKeys) -> ServerTls:
    return ServerTls(cert=str(keys.cert), key=str(keys.key), client_ca=keys.client_ca and str(keys.client_ca))


def _access(keys: AccessKeys) -> Access:
    if keys.basic is None:
        return Access(bearer=keys.bearer)
    return Access(username=keys.basic.username, password=keys.basic.password, bearer=keys.bearer)
