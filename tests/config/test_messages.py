"""No message about a config shows what may be a secret."""

from pathlib import Path

import pytest

from healthmon.config.load import load
from healthmon.config.secrets import without_user
from healthmon.errors import ConfigError
from tests.config.texts import faults

SERVICE = '[[services]]\nname = "A"\nurl = "http://127.0.0.1:8000/"\n'
SECRET = "pa55"


@pytest.mark.parametrize(
    "url",
    [
        "http://user:pa55/x@host",
        "http://user:pa55#x@host",
        "http://user:pa55?x@host/",
        "http:/user:pa55@host",
        "https:///user:pa55@host",
        "http://pa55@host:0/",
        "user:pa55@host",
        "http://user:x/pa55@y@host",
        "http://us er:pa55@host/",
    ],
)
def test_a_url_that_is_none_is_told_without_what_may_be_its_user(url: str) -> None:
    (fault,) = faults(SERVICE.replace("http://127.0.0.1:8000/", url))

    assert "***@" in fault
    assert SECRET not in fault
    assert SECRET not in without_user(url)


@pytest.mark.parametrize("url", ["http://web:0/", "http://[::1]x/a:b@c", "web/a@b", "http://web:8000x/"])
def test_a_url_without_a_user_is_told_as_it_is(url: str) -> None:
    assert url == without_user(url)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ('auth.bearer = """\npa55', ""),
        ('auth.bearer = """\npa55==', ""),
        ('auth.bearer = """\npa55 = \\q"""', ""),
        ('headers = [\n"Authorization: pa55"\n', ""),
        ('headers = [\n"Authorization: pa55"\npa55 = 3', ""),
        ("pa55 pa55", ""),
        ('auth.bearer = "pa55', "near `auth.bearer`"),
        ("auth.bearer = pa55", "near `auth.bearer`"),
        ("", "there are no services"),
    ],
)
def test_a_fault_of_syntax_is_told_with_a_key_at_most(text: str, near: str) -> None:
    (fault,) = faults(text)

    assert near in fault
    assert ("near" in fault) == near.startswith("near")
    assert SECRET not in fault


@pytest.mark.parametrize(
    "keys",
    [
        'headers = "Authorization: Bearer pa55"',
        'headers = ["Authorization: Bearer pa55"]',
        'headers.X-Key = ["pa55"]',
        'params = "key=pa55"',
        "body = ['pa55']",
        "form = 'pa55'",
        "auth = 'pa55'",
        "auth.bearer = ['pa55']",
        "auth.bearer = '${pa55'",
        "proxy = 'http://user:${pa55@host'",
        "proxy = ['http://user:pa55@host']",
        "proxy = { url = 'http://user:pa55@host' }",
        "proxy = 'http://user:pa55/@host'",
    ],
)
def test_a_key_that_may_hold_a_secret_is_told_without_its_value(keys: str) -> None:
    found = "\n".join(faults(SERVICE + keys))

    assert SECRET not in found


@pytest.mark.parametrize(
    "text",
    [
        SERVICE.replace('"http://127.0.0.1:8000/"', '["http://user:pa55@host/"]'),
        SERVICE.replace('"http://127.0.0.1:8000/"', '"http://user:pa55@host/\\n"'),
        'services = ["http://user:pa55@host/"]',
        '[[defaults]]\nauth.bearer = "pa55"\n' + SERVICE,
        '[defaults]\nauth = "pa55"\n' + SERVICE,
    ],
)
def test_tables_and_urls_of_the_wrong_type_are_not_told(text: str) -> None:
    assert SECRET not in "\n".join(faults(text))


@pytest.mark.parametrize(
    "keys",
    [
        'expect.body.matches = "${file:secret}"',
        'expect.body.matches = ["x", "${file:secret}"]',
        'expect.json.x = { matches = "${file:secret}" }',
        'expect.status = "${credential:secret}"',
        'timeout = "${file:secret}"',
        'method = "${file:secret}"',
        'ip = "${file:secret}"',
        'resolve = "${file:secret}"',
        'id = "${file:secret}"',
        'depends_on = ["${file:secret}"]',
        'depends_on = ["a-${credential:name}"]',
    ],
)
def test_what_comes_from_a_file_is_not_told(keys: str, tmp_path: Path) -> None:
    found = _faults(tmp_path, SERVICE + keys)

    assert "services.toml:" in found
    assert SECRET not in found


@pytest.mark.parametrize("top", ['host = "http://${file:name}"', 'include = ["${file:name}/*"]'])
def test_nor_at_the_top_of_the_file(top: str, tmp_path: Path) -> None:
    found = _faults(tmp_path, f"{top}\n{SERVICE}")

    assert "services.toml:1: " in found
    assert SECRET not in found


def test_nor_a_name_that_makes_no_id(tmp_path: Path) -> None:
    (tmp_path / "stars").write_text("*!*")

    found = _faults(tmp_path, SERVICE.replace('"A"', '"${file:stars}"'))

    assert 'no id can be made from "${file:stars}"' in found


def _faults(folder: Path, text: str) -> str:
    (folder / "secret").write_text("pa55 ((")
    (folder / "name").write_text("pa55")
    (folder / "control").write_text("pa55\x1b")
    config = folder / "services.toml"
    config.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(config, environ={"CREDENTIALS_DIRECTORY": str(folder)})
    return str(caught.value)
