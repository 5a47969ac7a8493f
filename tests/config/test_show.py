"""The effective config can be loaded again and is then the same."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from healthmon.config.load import load, parse
from healthmon.config.schema import Access
from healthmon.config.show import show
from healthmon.config.toml import dump, dump_key, dump_path
from healthmon.core.model import Service

ROOT = Path(__file__).parents[2]
TEXT = """
host = "::1"
include = ["more.toml"]

[defaults]
timeout = "5s"
warn.latency = "1s"
headers = { X-A = "1" }
tls.ca = "ca.pem"

[[services]]
name = "Web"
url = "https://{host}:8000/${P}"
group = "front"
tags = ["a"]
expect.json = { "length(a[?b=='c'])" = { ge = 1 }, '"a b"' = "$${x}" }
expect.body.not_matches = ["(?i)error", '\\d{3}']
headers = { X-B = "2", X-A = false }
follow_redirects = true
body = "first\\nsecond"

[[services]]
name = "Off"
url = "http://{host}:8001/"
enabled = false
group = "extra"
json = { a = [1, 2.5, true, { b = "c" }] }
body_limit = "64KiB"
"""


def _comparable(services: tuple[Service, ...]) -> list[Service]:
    """The services without what a mask has taken the place of."""
    return [structs.replace(service, secrets=frozenset(), url=service.shown_url) for service in services]


def _same_again(path: Path, tmp_path: Path, environ: Mapping[str, str], groups: list[str]) -> str:
    text = show(path, environ=environ, with_groups=groups)
    again = tmp_path / "elsewhere" / "again.toml"
    again.parent.mkdir()
    again.write_text(text)

    expected = load(path, environ=environ, with_groups=groups)

    assert _comparable(expected.services) == _comparable(load(again, environ={}).services)
    return text


@pytest.mark.parametrize("groups", [[], ["extra"]])
def test_it_can_be_loaded_again_from_anywhere(tmp_path: Path, groups: list[str]) -> None:
    path = tmp_path / "services.toml"
    path.write_text(TEXT)
    (tmp_path / "ca.pem").touch()
    (tmp_path / "more.toml").write_text('[[services]]\nname = "More"\nurl = "tcp://{host}:1"\nenabled = false\n')

    text = _same_again(path, tmp_path, {"P": "path"}, groups)

    assert [("extra" in groups), False] == [service["enabled"] for service in tomllib.loads(text)["services"][1:]]


def test_what_is_for_the_daemon_can_be_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    path.write_text(
        """
[defaults]
timeout = "3s"
[daemon]
listen = 9877
tls = { cert = "cert.pem", key = "${KEY}" }
auth = { basic = { username = "prometheus", password = "s3same" }, bearer = "${TOKEN}" }
flapping.window = "1h"
[[maintenance]]
services = "${TEAM}-*"
start = 2026-02-01T22:00:00.5
end = 2026-02-01T23:00:00-05:00
timezone = "Europe/Berlin"
[[maintenance]]
cron = "0 3 * * *"
duration = 60
[modules.http_2xx]
allow = ["http://127.0.0.1:*/a@b", "::1"]
expect.status = false
follow_redirects = false
[modules."a.b"]
headers.X-Key = "${TOKEN}"
[[services]]
name = "Shop Cart"
url = "http://127.0.0.1:8000/"
"""
    )
    environ = {"KEY": "key.pem", "TOKEN": "t0ken", "TEAM": "shop"}

    text = _same_again(path, tmp_path, environ, [])
    first, again = load(path, environ=environ), parse(text)

    assert "s3same" not in text
    assert "t0ken" not in text
    assert first.maintenance == again.maintenance
    assert structs.replace(again.daemon, access=first.daemon.access, secrets=first.daemon.secrets) == first.daemon
    assert again.daemon.access == Access(username="prometheus", password="***", bearer="***")
    assert again.modules["a.b"].template.options.headers == {"X-Key": "***"}
    assert first.modules["http_2xx"] == again.modules["http_2xx"]
    assert first.modules["tcp_connect"].allow == again.modules["tcp_connect"].allow
    assert tomllib.loads(text)["daemon"]["auth"] == {
        "basic": {"username": "prometheus", "password": "***"},
        "bearer": "***",
    }


def test_the_ten_services_can_be_shown(tmp_path: Path) -> None:
    _same_again(ROOT / "config/services.toml", tmp_path, {}, [])


def test_it_says_what_holds_where_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text('[[services]]\nurl = "http://127.0.0.1/"\nname = "A"\n')

    assert show(path, environ={}) == (
        "\n"
        "[[services]]\n"
        'id = "a"\n'
        'name = "A"\n'
        'url = "http://127.0.0.1/"\n'
        "enabled = true\n"
        'interval = "30s"\n'
        'timeout = "10s"\n'
        "retries = 0\n"
        "failure_threshold = 3\n"
        "success_threshold = 1\n"
        'start_period = "0s"\n'
        "expect = { status = [200, 302] }\n"
    )


def test_another_host_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text('[[services]]\nname = "A"\nurl = "http://{host}/"\n')

    assert parse(show(path, environ={}, host="192.0.2.1")).host == "192.0.2.1"


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    max_leaves=10,
)


@given(st.dictionaries(_TEXTS, _VALUES))
def test_what_is_written_as_toml_is_read_again(table: dict[str, object]) -> None:
    text = "".join(f"{dump_key(key)} = {dump(value)}\n" for key, value in table.items())

    assert table == tomllib.loads(text)


def test_a_path_is_written_as_toml_writes_it() -> None:
    assert dump_path(("expect", "json", "a b", 3, "c")) == 'expect.json."a b"[3].c'
