"""A disabled service is known, and its secrets are left alone."""

from pathlib import Path

import pytest

from healthmon.config.load import load, parse
from healthmon.errors import ConfigError
from tests.config.texts import faults, one

TEXT = """
[[services]]
name = "Vault"
url = "${SCHEME:-https}://${VAULT_HOST}:8200/"
enabled = false
group = "extra"
timeout = "${VAULT_TIMEOUT}"
auth.bearer = "${file:missing}"
headers.X-Key = "${credential:key}"
"""


def test_what_has_no_value_is_no_fault() -> None:
    service = one(TEXT)
    assert (service.enabled, service.timeout, service.options.auth.bearer) == (False, 10.0, "${file:missing}")


def test_what_has_a_value_gets_it() -> None:
    service = one(TEXT, VAULT_HOST="192.0.2.1", VAULT_TIMEOUT="3s")
    assert (service.url, service.timeout) == ("https://192.0.2.1:8200/", 3.0)


def test_other_faults_are_told() -> None:
    assert faults(TEXT + "retries = -1\n") == ["10: retries: expected a whole number, 0 or more; got -1"]


def test_a_url_of_which_nothing_is_known_is_no_fault() -> None:
    service = one('[[services]]\nname = "A"\nurl = "${BASE}/health"\nenabled = false\n')
    assert (service.shown_url, service.address.port) == ("${BASE}/health", 0)


def test_a_url_that_is_none_is_one() -> None:
    assert len(faults('[[services]]\nname = "A"\nurl = "health"\nenabled = false\n')) == 1


def test_its_group_can_be_asked_for(tmp_path: Path) -> None:
    text = '[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\nenabled = false\ngroup = "${G:-extra}"\n'
    path = tmp_path / "services.toml"
    path.write_text(text)

    assert [load(path, environ={}, with_groups=groups).services[0].enabled for groups in (["x", "extra"], ["x"])] == [
        True,
        False,
    ]


def test_once_enabled_its_secrets_must_be_there() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(TEXT, with_groups=["extra"])
    assert [fault.line for fault in caught.value.faults] == [4, 7, 8, 9]


def test_what_has_no_value_is_left_out_where_its_text_is_no_value() -> None:
    service = one(
        TEXT.replace("[[services]]", "[[services]]\ndepends_on = ['${A}', '${B}']")
        + 'proxy = "${PROXY}"\nresolve = "${ADDRESS}"\nip = "${VERSION}"\nphase = 2\n'
    )
    assert (service.options.proxy, service.options.resolve, service.options.ip) == (None, None, "any")
    assert (service.depends_on, service.phase) == ((), 2)
