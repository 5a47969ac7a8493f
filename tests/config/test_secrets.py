"""What is secret, in which forms, and that no text of ours shows it."""

import base64
from pathlib import Path

import pytest
from yarl import URL

from healthmon.config.load import load, parse
from healthmon.config.secrets import without_password
from healthmon.config.show import show
from healthmon.core.masking import forms
from healthmon.core.model import Service
from healthmon.core.safe_text import clean
from healthmon.errors import ConfigError
from tests.config.texts import faults, one

SERVICE = '[[services]]\nname = "A"\nurl = "http://127.0.0.1:8000/"\n'
ENVIRON = {"TOKEN": "se/same open", "PLAIN": "plain-value"}


def service(keys: str) -> Service:
    """A service with these keys."""
    return one(SERVICE + keys, **ENVIRON)


@pytest.mark.parametrize(
    "keys",
    [
        'auth.bearer = "${TOKEN}"',
        'auth.basic = { username = "${TOKEN}", password = "x" }',
        'headers.X-Key = "a ${TOKEN} b"',
        'params.key = "${TOKEN}"',
        'body = "q=${TOKEN}"',
        'json = { deep = [{ key = "${TOKEN}" }] }',
        'form.key = "${TOKEN}"',
        'proxy = "http://user:${TOKEN}@proxy.example.com:3128"',
        'auth.bearer = "se/same open"',
        'headers.Authorization = "Key se/same open"',
        'headers.cookie = "se/same open"',
    ],
)
def test_values_that_must_not_be_shown(keys: str) -> None:
    assert "se/same open" in service(keys).secrets


@pytest.mark.parametrize(
    "keys",
    [
        'hint = "${TOKEN}"',
        'group = "${TOKEN}"',
        'headers.X-Key = "se/same open"',
        'auth.basic = { username = "se/same open", password = "x" }',
        'body = "se/same open"',
        'expect.body.contains = "${TOKEN}"',
    ],
)
def test_values_that_may_be_shown(keys: str) -> None:
    assert not [secret for secret in service(keys).secrets if "se/same" in secret]


def test_what_comes_from_a_file_or_a_credential_is_secret_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of-file\n")
    path = tmp_path / "services.toml"
    path.write_text(SERVICE + 'hint = "${file:secret}"\nlabels.x = "${credential:secret}"\n')

    (found,) = load(path, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}).services

    assert (found.hint, found.labels) == ("of-file", {"x": "of-file"})
    assert found.secrets == {"of-file"}


def test_a_user_part_is_percent_encoded_and_its_password_masked() -> None:
    found = one('[[services]]\nname = "A"\nurl = "http://${U}:${P}@127.0.0.1:8000/${V}"', U="a b", P="p@ss/w:rd", V="x")

    assert found.url == "http://a%20b:p%40ss%2Fw%3Ard@127.0.0.1:8000/x"
    assert found.shown_url == "http://***:***@127.0.0.1:8000/x"
    assert {"p@ss/w:rd", "p%40ss%2Fw%3Ard", "a b", base64.b64encode(b"a b:p@ss/w:rd").decode()} <= found.secrets


def test_a_literal_password_in_a_url_is_secret_too() -> None:
    found = one('[[services]]\nname = "A"\nurl = "http://user:pa%20ss@127.0.0.1:8000/"')

    assert (found.url, found.shown_url) == (
        "http://user:pa%20ss@127.0.0.1:8000/",
        "http://user:***@127.0.0.1:8000/",
    )
    assert {"pa ss", "pa%20ss", base64.b64encode(b"user:pa ss").decode()} <= found.secrets
    assert "pa" not in repr(found).replace("http", "")


def test_a_file_in_a_user_part_may_have_a_path_with_slashes(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s@crets")
    path = tmp_path / "services.toml"
    path.write_text(SERVICE.replace("127", f"user:${{file:{tmp_path}/secret}}@127"))

    (found,) = load(path, environ={}).services

    assert found.url == "http://user:s%40crets@127.0.0.1:8000/"


def test_the_basic_scheme_makes_a_form_of_its_own() -> None:
    found = service('auth.basic = { username = "admin", password = "pass-word" }')

    assert base64.b64encode(b"admin:pass-word").decode() in found.secrets
    assert "admin" not in found.secrets


@pytest.mark.parametrize("secret", ["", "a", "ab"])
def test_short_texts_are_not_masked(secret: str) -> None:
    """They are in every text: masking them would leave nothing to read."""
    assert not [form for form in forms(secret) if len(form) < 3]


def test_the_lines_of_a_secret_are_secret() -> None:
    assert forms('first"line\nsecond') == {'first"line\nsecond', 'first"line', "second"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:secret@web/", "http://user:***@web/"),
        ("http://user@web/", "http://user@web/"),
        ("http://web/a:b@c", "http://web/a:b@c"),
        ("http://:secret@web/", "http://:***@web/"),
        ("http://user:sec:ret@x@web/", "http://user:***@web/"),
        ("http://user:@web/", "http://user:@web/"),
        ("user:secret@web", "user:***@web"),
        ("http://user:/sec@ret@web/", "http://***@web/"),
        ("http://user:sec/ret@web/", "http://***@web/"),
        ("http://[::1]/a:b@c", "http://[::1]/a:b@c"),
        ("http://[::1]:80/a:b@c", "http://[::1]:80/a:b@c"),
        ("http://user:secret@web/a:b@c", "http://user:***@web/a:b@c"),
    ],
)
def test_the_password_of_a_url_is_masked(url: str, shown: str) -> None:
    assert shown == without_password(url)


SECRETS = """
host = "127.0.0.1"
[[services]]
name = "A"
url = "http://u1-user:u2-secret@{host}:8000/?c=${PLAIN}"
auth.basic = { username = "shown", password = "u3-secret" }
headers = { X-Key = "${TOKEN}", Cookie = "u4-secret", X-Plain = "$${x}" }
proxy = "http://p:u5-secret@proxy.example.com:1"
json = { a = "${TOKEN}" }
hint = "100 % of $${PLAIN} is ${PLAIN}"
[[services]]
name = "B"
url = "tcp://${UNSET}:1"
enabled = false
hint = "${file:missing}"
"""


def _show(tmp_path: Path, text: str) -> str:
    path = tmp_path / "services.toml"
    path.write_text(text)
    return show(path, environ=ENVIRON)


def test_the_shown_config_has_no_secret(tmp_path: Path) -> None:
    shown = _show(tmp_path, SECRETS)

    assert [secret for secret in ("u2-", "u3-", "u4-", "u5-", "same") if secret in shown] == []
    assert 'url = "http://u1-user:***@{host}:8000/?c=plain-value"' in shown
    assert 'headers = { X-Key = "***", Cookie = "***", X-Plain = "$${x}" }' in shown
    assert 'hint = "100 % of $${PLAIN} is plain-value"' in shown
    assert 'url = "tcp://${UNSET}:1"' in shown


def test_no_message_shows_a_secret() -> None:
    text = SERVICE + 'auth.bearer = ["u1-secret"]\nheaders.Cookie = ["u2-secret"]\nauth.basic.password = 4711\n'

    found = "\n".join(faults(text))

    assert "expected text" in found
    assert [secret for secret in ("u1-secret", "u2-secret", "4711") if secret in found] == []


def test_a_url_that_only_a_secret_spoils_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("99999")
    text = SERVICE.replace("8000", f"${{file:{tmp_path}/port}}")

    assert faults(text) == [
        '3: url: a port is a number from 1 to 65535; got "http://127.0.0.1:***/"',
    ]


def test_a_secret_with_a_space_in_a_url(tmp_path: Path) -> None:
    (tmp_path / "path").write_text("a b")
    text = SERVICE.replace("8000/", f"8000/${{file:{tmp_path}/path}}")

    assert faults(text) == ['3: url: what it has from a secret is not fit for a URL; got "http://127.0.0.1:8000/***"']


@pytest.mark.parametrize("secret", ["a%65b%2fc", "x%fcy", "100%zz"])
def test_a_secret_is_known_as_a_url_has_it(secret: str, tmp_path: Path) -> None:
    """URLs are sent in one form: what needs no percent sign has none, and its digits are capital ones."""
    (tmp_path / "secret").write_text(secret)
    for url in ("http://web/${{file:{}}}", "http://web/?q=${{file:{}}}"):
        found = one(f'[[services]]\nname = "A"\nurl = "{url.format(tmp_path / "secret")}"')

        assert clean(URL(found.url).raw_path_qs, found.secrets) in ("/***", "/?q=***")


def test_a_secret_in_a_name_is_masked(tmp_path: Path) -> None:
    """Names stand in every report."""
    (tmp_path / "token").write_text("s3cret-token")
    text = '[[services]]\nid = "brain"\nname = "Brain ${file:token}"\nurl = "tcp://127.0.0.1:1"\n'
    config = parse(text, path=str(tmp_path / "services.toml"))
    assert (config.services[0].name, config.services[0].id) == ("Brain ***", "brain")


@pytest.mark.parametrize("keys", ['name = "A ${file:token}"', 'name = "A"\nid = "${file:token}"'])
def test_no_id_is_made_of_a_secret(tmp_path: Path, keys: str) -> None:
    """It is shown, and masked it might be that of another service."""
    (tmp_path / "token").write_text("s3cret-token")
    with pytest.raises(ConfigError, match="an id is shown everywhere") as caught:
        parse(f'[[services]]\n{keys}\nurl = "tcp://127.0.0.1:1"\n', path=str(tmp_path / "services.toml"))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("env", "masked"),
    [
        ('PATH = "${VALUE}"', False),
        ('HOME = "${VALUE}"', False),
        ('ACCOUNT = "${VALUE}"', True),
        ('API_TOKEN = "in/the/file"', True),
        ('ACCOUNT = "in/the/file"', False),
    ],
)
def test_what_a_command_is_given(env: str, masked: bool) -> None:
    """Where programs and home folders are is no secret: it stands in the commands that people are told to type."""
    text = f'[[services]]\nname = "A"\nurl = "exec:"\ncommand = ["true"]\nenv = {{ {env} }}\n'
    assert one(text, VALUE="in/the/file").secrets == (forms("in/the/file") if masked else frozenset())
