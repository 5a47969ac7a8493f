"""The JSON Schema is current, is one, and agrees with what is really read."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from msgspec import inspect

from healthmon.config.docs import docs
from healthmon.config.explain import describe
from healthmon.config.json_schema import schema
from healthmon.config.kinds import Kind, members
from healthmon.config.shape import shape_of
from healthmon.probes import PROBES

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests/bad_configs"

BEYOND_A_SCHEMA = {
    "auth_no_password", "auth_no_scheme", "auth_two_schemes", "body_pattern", "credential_folder_missing",
    "dependency_cycle", "dependency_on_itself", "duplicate_id", "duplicate_name", "duration_zero", "empty",
    "file_missing", "header_name", "header_secret_not_shown", "header_with_newline", "host_has_port",
    "host_in_brackets", "host_is_url", "host_missing", "host_not_an_address", "include_defaults",
    "include_duplicate", "include_from_file", "include_nothing", "include_syntax", "json_matches", "json_not_jmespath",
    "json_unknown_function",
    "method_with_space", "name_without_letters", "no_services", "not_finite", "placeholder_malformed",
    "placeholder_not_closed", "proxy_not_a_url", "proxy_other_scheme", "redirects_negative",
    "resolve_not_an_address", "resolve_other_version", "status_range_backwards", "several_of_a_probe",
    "tls_file_missing",
    "two_bodies", "unknown_dependency",
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


@pytest.mark.parametrize("path", sorted((ROOT / "config").rglob("*.toml")), ids=lambda path: path.name)
def test_it_accepts_every_shipped_config(path: Path, validator: Draft7Validator) -> None:
    assert [error.message for error in validator.iter_errors(tomllib.loads(path.read_text()))] == []


def _table(path: Path) -> Any:
    try:
        return tomllib.loads(path.read_text())
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


@pytest.mark.parametrize("scheme", PROBES)
def test_every_type_of_a_key_can_be_told_to_people(scheme: str) -> None:
    """Where a new probe brings a new kind of type, its faults need words."""
    for kind in _kinds(shape_of(PROBES[scheme]).kind):
        if not isinstance(kind, inspect.AnyType):
            assert describe(kind)


@pytest.mark.parametrize("scheme", PROBES)
def test_every_key_is_explained_by_its_docstring(scheme: str) -> None:
    for kind in _kinds(shape_of(PROBES[scheme]).kind):
        if isinstance(kind, inspect.StructType):
            assert {field.name for field in kind.fields} == docs(kind.cls).keys() & {
                field.name for field in kind.fields
            }
