"""Whatever a config says, it is read or its faults are told: nothing else happens."""

from datetime import UTC
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.config.daemon import AccessKeys, BasicKeys, DaemonKeys, FlappingKeys, ServerTlsKeys
from healthmon.config.grammar import Operators
from healthmon.config.keys import BodyKeys, ExpectKeys, FileKeys, ModuleKeys, ServiceKeys
from healthmon.config.load import parse
from healthmon.config.toml import dump, dump_key
from healthmon.config.windows import WindowKeys
from healthmon.core.model import Service
from healthmon.errors import ConfigError, Fault
from healthmon.net.tls.settings import TlsSettings
from healthmon.probes import PROBES
from healthmon.probes.http import Auth, BasicAuth, HttpOptions

_FOR_THE_DAEMON = (DaemonKeys, ServerTlsKeys, AccessKeys, BasicKeys, FlappingKeys, WindowKeys, ModuleKeys)
_STRUCTS = (
    *_FOR_THE_DAEMON,
    ServiceKeys,
    HttpOptions,
    ExpectKeys,
    BodyKeys,
    Operators,
    TlsSettings,
    Auth,
    BasicAuth,
    FileKeys,
)
_KEYS = st.sampled_from(
    [*sorted({key for struct in _STRUCTS for key in struct.__struct_fields__}), "x", "a b", "[", ""]
)
_TEXTS = st.sampled_from(
    ["", "web", "10s", "2xx", "any", "(", "${A}", "${B}", "${C:-x}", "${", "$${", "${file:none}", "${credential:x}",
     "{host}", "{x}", "a\nb", "::1", "http://", "\0", "a:b@c"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)  # fmt: skip
_URLS = (
    st.builds(
        "{}://{}{}{}".format,
        st.sampled_from([*PROBES, "HTTP", "x", "${A}", ""]),
        st.sampled_from(["", "u:p@", "${A}:${B}@", "@"]),
        st.sampled_from(["127.0.0.1", "[::1]", "{host}", "", "[", "a b", "${B}", "x" * 300]),
        st.sampled_from(["", ":80", ":0", ":x", "/", "/a b", "?q={x}", "#"]),
    )
    | _TEXTS
)
_VALUES = st.recursive(
    st.booleans() | st.integers(-2, 700) | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_SERVICES = st.dictionaries(_KEYS, _VALUES, max_size=5) | st.builds(
    lambda keys, name, url, enabled: {**keys, "name": name, "url": url, "enabled": enabled},
    st.dictionaries(_KEYS, _VALUES, max_size=4),
    _TEXTS,
    _URLS,
    st.booleans(),
)


_DATES = st.datetimes(timezones=st.none() | st.just(UTC)) | st.dates() | st.times()
_SECTION = st.dictionaries(
    st.sampled_from(sorted({key for struct in _FOR_THE_DAEMON for key in struct.__struct_fields__})),
    _VALUES | _DATES | st.sampled_from(["127.0.0.1:9877", "0 3 * * *", "UTC", "web", "2026-02-01T22:00:00Z", "tcp"]),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(_SECTION, _SECTION, _SECTION, st.sampled_from(["m", "http_2xx", "tcp_connect", "a b"]))
def test_what_is_for_the_daemon_is_read_or_its_faults_are_told(
    daemon: dict[str, Any], window: dict[str, Any], module: dict[str, Any], name: str
) -> None:
    tables = (("[daemon]", daemon), ("[[maintenance]]", window), (f"[modules.{dump_key(name)}]", module))
    lines = ["[[services]]", 'name = "web"', 'url = "http://127.0.0.1/"']
    for header, table in tables:
        lines += [header, *(f"{dump_key(key)} = {dump(value)}" for key, value in table.items())]
    text = "\n".join(lines)
    faults: tuple[Fault, ...] = ()
    modules: tuple[str, ...] = ()
    try:
        modules = tuple(parse(text, environ={"A": "value of a"}).modules)
    except ConfigError as error:
        faults = error.faults

    assert bool(faults) != bool(modules)
    for fault in faults:
        assert fault.message.isprintable()
        assert 4 <= (fault.line or 0) <= len(lines)


def _text(top: dict[str, Any], defaults: dict[str, Any], services: list[dict[str, Any]]) -> str:
    lines = [f"{dump_key(key)} = {dump(value)}" for key, value in top.items() if key not in {"defaults", "services"}]
    for header, table in [("[defaults]", defaults), *(("[[services]]", service) for service in services)]:
        lines += [header, *(f"{dump_key(key)} = {dump(value)}" for key, value in table.items())]
    return "\n".join(lines)


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(_KEYS, _VALUES, max_size=2),
    st.dictionaries(_KEYS, _VALUES, max_size=3),
    st.lists(_SERVICES, max_size=3),
)
def test_it_is_read_or_its_faults_are_told(
    top: dict[str, Any], defaults: dict[str, Any], services: list[dict[str, Any]]
) -> None:
    text = _text(top, defaults, services)
    faults: tuple[Fault, ...] = ()
    found: tuple[Service, ...] = ()
    try:
        found = parse(text, environ={"A": "value of a"}, host="192.0.2.1").services
    except ConfigError as error:
        faults = error.faults

    assert bool(faults) != bool(found)
    assert len(found) in {0, len(services)}
    for fault in faults:
        assert fault.message.isprintable()
        assert 1 <= (fault.line or 1) <= text.count("\n") + 1
