"""Steps as the config writes them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from healthmon.config.load import load, parse
from healthmon.config.show import show
from healthmon.core.expectations import Comparison, Operator, Selected, StatusRange
from healthmon.errors import ConfigError
from healthmon.net.http.building import step_request

SERVICE = '[[services]]\nname = "Web"\nurl = "{url}"\n'


PATH = "5: `path` is a path, perhaps with a query, without spaces; write `url` to ask another host"
URL = '5: `url` is a URL such as "https://login.example.com/token", or a part of one, without spaces'


def faults(steps: str, *, top: str = "") -> list[str]:
    """What is wrong with the steps of a service."""
    with pytest.raises(ConfigError) as caught:
        parse(top + SERVICE.format(url="http://127.0.0.1/") + steps)
    return [str(fault).partition(":")[2] for fault in caught.value.faults]


def test_the_expectations_of_a_step_have_the_grammar_of_a_services() -> None:
    config = parse(
        SERVICE.format(url="http://127.0.0.1/")
        + 'steps = [{ expect = { status = "2xx", latency = "2s", json = { a = { gt = 1 } }, body.contains = "b" } }]'
    )
    (step,) = config.services[0].options.steps

    assert step.expect.status == (StatusRange(200, 299),)
    assert step.expect.latency == 2.0
    assert step.expect.json == (Selected("a", (Comparison(Operator.GT, 1),)),)
    assert step.expect.body[0].text == "b"


def test_what_is_to_be_saved_is_demanded() -> None:
    config = parse(SERVICE.format(url="http://127.0.0.1/") + 'steps = [{ save = { a = "b.c", d = "header:X-E" } }]')
    (step,) = config.services[0].options.steps
    there = (Comparison(Operator.EXISTS, operand=True),)

    assert step.demands().json == (Selected("b.c", there),)
    assert step.demands().header == (Selected("X-E", there),)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ('metod = "POST"', '5: steps[0]: unknown key "metod"; did you mean "method"?'),
        ('method = "a b"', '5: `method` is a word such as "GET" or "POST"'),
        ('name = ""', "5: `name` is text on one line, not empty"),
        ("name = 5", "5: steps[0].name: expected text; got 5"),
        ('headers = { X = "a", x = "b" }', "5: `headers` names a header twice"),
        ('body = "a"\njson = 1', "5: only one of `body`, `json` and `form` can be sent"),
        ('path = "a"\nurl = "b"', "5: `path` and `url` both say where the step goes; write one of them"),
        (
            "expect.status = 99",
            '5: steps[0].expect.status: expected a status such as 200, "2xx", "200-299", or a list of these; got 99',
        ),
        ("expect.rows = 1", '5: steps[0].expect: unknown key "rows"; known are status, latency, header, body, json'),
        (
            'expect.json = { "a[" = 1 }',
            '5: steps[0].expect.json."a[": not a JMESPath expression: Incomplete expression',
        ),
        ('save.token = "a["', "5: steps[0].save.token: not a JMESPath expression: Incomplete expression"),
        ("save.token = 1", "5: steps[0].save.token: expected text; got 1"),
        ('save.host = "b"', "5: `save`: 'host' is no name for a value; it has letters, digits and _, and is not host"),
        ('save.a-b = "b"', "5: `save`: 'a-b' is no name for a value; it has letters, digits and _, and is not host"),
        ('save.a = "header:"', "5: `save`: after header: stands the name of a header"),
        ('path = "http://127.0.0.1:1/"', PATH),
        ('path = "//127.0.0.1:1/"', PATH),
        ('path = "a b"', PATH),
        ('url = "http://ann:secret@127.0.0.1/"', "5: `url` holds no user and no password; write `headers`"),
        (
            'url = "http://{token}.example.com/"',
            "5: `url`: its host is no name and no address; only {host} can stand in its place",
        ),
        (
            'url = "http://{host}:1/"',
            '5: `url`: there is no host for {host}; write host = "..." at the top of the file',
        ),
        ('url = "ftp://127.0.0.1/"', URL),
        ('url = "http:///a"', URL),
        ('url = "http://127.0.0.1:0/"', URL),
        ('url = "http://127.0.0.1:port/"', URL),
        (
            'params = { a = "{b}" }',
            "5: `steps.0.params`: unknown placeholder {b} (saved before: none); the text itself is written {{b}}",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(step: str, message: str) -> None:
    found = [
        fault for fault in faults(f"[[services.steps]]\n{step}\n") if "{token}" not in fault or "its host" in fault
    ]
    assert found == [message]


def test_steps_that_are_none() -> None:
    assert faults("steps = 5") == ["4: steps: expected a list, each item a table; got a number"]
    assert faults("steps = [5]") == ["4: steps[0]: expected a table; got a number"]


def test_the_host_stands_in_urls_of_steps() -> None:
    text = 'host = "::1"\n' + SERVICE.format(url="http://127.0.0.1/") + 'steps = [{ url = "http://{host}:1/{host}" }]'
    (service,) = parse(text).services

    assert service.options.steps[0].url == "http://[::1]:1/[::1]"
    assert service.uses_host


ENVIRON = {"PASSWORD": "pass{word}", "NAME": "n{a}me"}


def request(steps: str, number: int = 0, environ: Mapping[str, str] = ENVIRON, **values: str) -> Any:
    """What a step sends."""
    (service,) = parse(SERVICE.format(url="http://127.0.0.1/") + steps, environ=environ).services
    return service, step_request(service, service.options.steps[number], values)


def test_what_comes_from_outside_holds_no_placeholder() -> None:
    service, sent = request('steps = [{ form = { a = "${PASSWORD}", b = "${NAME}" } }]')

    assert sent.body == b"a=pass%7Bword%7D&b=n%7Ba%7Dme"
    assert {"pass{word}", "n{a}me"} <= service.secrets


def test_credentials_of_a_step_are_secret(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text(
        SERVICE.format(url="http://127.0.0.1/")
        + 'steps = [{ headers = { Authorization = "Bearer abc-def" }, body = "${PASSWORD}" }]'
    )
    config = load(path, environ=ENVIRON)

    assert {"Bearer abc-def", "abc-def", "pass{word}"} <= config.services[0].secrets
    shown = show(path, environ=ENVIRON)
    assert "abc-def" not in shown
    assert "pass{" not in shown


@pytest.mark.parametrize(
    ("keys", "secret"),
    [
        ('auth.digest = { username = "ann", password = "circle" }', {"circle"}),
        (
            'auth.oauth2 = { token_url = "http://127.0.0.1/t", client_id = "a b", client_secret = "c+de" }',
            {"c+de", "c%2Bde", "YStiOmMlMkJkZQ=="},
        ),
    ],
)
def test_what_is_secret_of_credentials(keys: str, secret: set[str]) -> None:
    (service,) = parse(SERVICE.format(url="http://127.0.0.1/") + keys).services

    assert secret <= service.secrets
    assert not service.secrets & {"ann", "http://127.0.0.1/t", "a b"}
