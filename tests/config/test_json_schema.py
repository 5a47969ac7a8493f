"""The JSON Schema is current, is one, and agrees with what is really read."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from msgspec import inspect

from healthmon.config.daemon import DaemonKeys
from healthmon.config.docs import docs
from healthmon.config.explain import describe
from healthmon.config.grammar import Demand
from healthmon.config.json_schema import schema
from healthmon.config.kinds import Kind, is_a, kind_of, members
from healthmon.config.load import parse
from healthmon.config.shape import module_shape, shape_of
from healthmon.config.windows import WindowKeys
from healthmon.errors import ConfigError
from healthmon.probes import PROBES
from tests.shipped import SERVICES

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests/bad_configs"

BEYOND_A_SCHEMA = {
    "auth_no_password", "auth_no_scheme", "auth_two_schemes", "body_pattern", "credential_folder_missing",
    "daemon_auth_colon", "daemon_auth_empty", "daemon_auth_empty_password", "daemon_auth_empty_token",
    "daemon_auth_newline", "daemon_auth_not_set", "daemon_auth_space", "daemon_flapping", "daemon_listen_brackets",
    "daemon_listen_host", "daemon_listen_port", "daemon_tls_file_missing",
    "dns_no_name", "dns_query_name", "dns_type", "grpc_metadata_key", "grpc_query",
    "docker_engine", "docker_url", "exec_cwd", "exec_no_command", "exec_url",
    "dependency_cycle", "dependency_on_itself", "duplicate_id", "duplicate_name", "duration_zero", "empty",
    "file_missing", "header_name", "header_secret_not_shown", "header_with_newline", "host_has_port",
    "host_in_brackets", "host_is_url", "host_missing", "host_not_an_address", "include_defaults",
    "include_duplicate", "include_from_file", "include_nothing", "include_syntax", "json_matches", "json_not_jmespath",
    "json_unknown_function",
    "maintenance_both", "maintenance_cron", "maintenance_end_before_start", "maintenance_neither",
    "maintenance_no_duration", "maintenance_no_end", "maintenance_no_such_day", "maintenance_not_set",
    "maintenance_timezone", "maintenance_unknown_service", "maintenance_unknown_service_as_text",
    "oauth2_token_url", "oauth2_user_in_url", "steps_beside_method", "steps_own_value", "steps_saved_later",
    "steps_unknown_placeholder",
    "module_allow_name", "module_allow_network", "module_allow_port", "module_allow_scheme", "module_allow_user_part",
    "module_json_not_jmespath", "module_not_set", "module_tls_file_missing", "module_two_bodies",
    "method_with_space", "name_without_letters", "no_services", "not_finite", "placeholder_malformed",
    "placeholder_not_closed", "proxy_not_a_url", "proxy_other_scheme", "redirects_negative",
    "postgres_empty_query", "postgres_parameter", "postgres_sslmode", "postgres_two_databases", "redis_database",
    "redis_parameter", "redis_user_without_password",
    "resolve_not_an_address", "resolve_other_version",
    "status_range_backwards", "several_of_a_probe",
    "tls_file_missing",
    "two_bodies", "unknown_dependency",
    "icmp_port", "smtp_auth_in_clear", "tcp_send_hex", "tcp_two_sends", "udp_without_send", "unix_not_a_file",
    "unix_path", "ws_upgrade_header",
    "url_bracket_open", "url_ipv6_without_brackets", "url_path_for_tcp", "url_port_not_a_number",
    "url_port_too_large", "url_port_zero", "url_secret_not_shown", "url_unknown_placeholder", "url_with_space",
    "url_without_host", "url_without_port", "variable_not_set",
}  # fmt: skip
"""Bad configs whose fault is not one of keys and types; those of syntax are no TOML at all."""


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """The schema, ready to use."""
    return Draft7Validator(schema())


def test_the_file_for_editors_is_current() -> None:
    """`healthmon schema --output config/services.schema.json` writes it anew."""
    expected = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    assert expected == (ROOT / "config/services.schema.json").read_text(encoding="utf-8")


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_it_accepts_every_shipped_config(path: Path, validator: Draft7Validator) -> None:
    assert [error.message for error in validator.iter_errors(tomllib.loads(path.read_text()))] == []


def _as_json(value: Any) -> Any:
    """A TOML value as an editor shows it to a schema: JSON has no dates."""
    match value:
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case list():
            return [_as_json(item) for item in value]
        case date():
            return value.isoformat()
    return value


def _table(path: Path) -> Any:
    try:
        return _as_json(tomllib.loads(path.read_text()))
    except tomllib.TOMLDecodeError:
        return None


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_it_refuses_every_bad_config_whose_keys_or_types_are_wrong(path: Path, validator: Draft7Validator) -> None:
    table = _table(path)
    if table is None:
        return
    assert validator.is_valid(table) == (path.stem in BEYOND_A_SCHEMA)


def test_it_takes_what_only_a_config_can_say(validator: Draft7Validator) -> None:
    """Placeholders may stand for any text, and `false` removes a default."""
    text = """
[defaults]
timeout = "${TIMEOUT}"
[[services]]
name = "A"
url = "http://{host}:8000/"
timeout = false
expect.status = false
expect.json = { a = { gt = 3 }, b = false }
headers.X-A = false
"""
    assert [error.message for error in validator.iter_errors(tomllib.loads(text))] == []


FOR_THE_DAEMON = """
[daemon]
listen = 9877
tls = { cert = "cert.pem", key = "key.pem", client_ca = "ca.pem" }
auth = { basic = { username = "a", password = "${PASSWORD}" }, bearer = "b" }
max_concurrency = 10
flapping = { transitions = 3, window = "1m" }
[[maintenance]]
services = "a*"
start = 2026-02-01T22:00:00Z
end = 2026-02-01T23:00:00.5
[[maintenance]]
services = ["a", "b"]
cron = "0 3 * * *"
duration = 60
timezone = "UTC"
[modules.http_2xx]
allow = ["127.0.0.1"]
[modules.tcp_connect]
ip = "4"
[modules.secure]
probe = "https"
expect.certificate = "14d"
expect.status = false
[[services]]
name = "A"
url = "tcp://127.0.0.1:1"
[[services]]
name = "B"
url = "tcp://127.0.0.1:1"
"""


def test_it_takes_what_is_for_the_daemon(validator: Draft7Validator, tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (tmp_path / name).touch()

    assert [error.message for error in validator.iter_errors(_as_json(tomllib.loads(FOR_THE_DAEMON)))] == []
    assert parse(FOR_THE_DAEMON, path=str(tmp_path / "services.toml"), environ={"PASSWORD": "x"}).services


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("listen = 9877", "listen = false"),
        ("listen = 9877", "listen = 98777"),
        ('cert = "cert.pem", ', ""),
        ("max_concurrency = 10", "max_concurrency = 0"),
        ('window = "1m"', 'windw = "1m"'),
        ('password = "${PASSWORD}"', 'passwrd = "x"'),
        ("duration = 60", "duration = 0"),
        ('ip = "4"', 'method = "GET"'),
        ('ip = "4"', 'probe = "htp"'),
        ("expect.certificate", "expect.certificat"),
        ("expect.status = false", 'interval = "5s"'),
        ('probe = "https"', ""),
        ("[modules.secure]", '[modules."very secure"]'),
    ],
)
def test_it_refuses_what_the_daemon_does_not_take(
    before: str, after: str, validator: Draft7Validator, tmp_path: Path
) -> None:
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (tmp_path / name).touch()
    text = FOR_THE_DAEMON.replace(before, after)

    assert not validator.is_valid(_as_json(tomllib.loads(text)))
    with pytest.raises(ConfigError):
        parse(text, path=str(tmp_path / "services.toml"), environ={"PASSWORD": "x"})


def _kinds(kind: Kind) -> list[Kind]:
    found = [kind]
    for member in members(kind):
        match member:
            case inspect.StructType():
                found += [inner for field in member.fields for inner in _kinds(field.type)]
            case inspect.DictType():
                found += _kinds(member.value_type)
            case inspect.ListType():
                found += _kinds(member.item_type)
    return found


KINDS = {
    "daemon": kind_of(DaemonKeys),
    "maintenance": kind_of(WindowKeys),
    **{scheme: shape_of(probe).kind for scheme, probe in PROBES.items()},
    **{f"{scheme} module": module_shape(shape_of(probe), PROBES).kind for scheme, probe in PROBES.items()},
}


@pytest.mark.parametrize("name", KINDS)
def test_every_type_of_a_key_can_be_told_to_people(name: str) -> None:
    """Where a new probe brings a new kind of type, its faults need words."""
    for kind in _kinds(KINDS[name]):
        if not isinstance(kind, inspect.AnyType):
            assert describe(kind)


@pytest.mark.parametrize("name", KINDS)
def test_every_key_is_explained_by_its_docstring(name: str) -> None:
    """But for what probes add to `expect`, which is on their pages."""
    for kind in _kinds(KINDS[name]):
        if isinstance(kind, inspect.StructType):
            keys = {field.name for field in kind.fields if not is_a(field.type, Demand)}
            assert keys == docs(kind.cls).keys() & keys
