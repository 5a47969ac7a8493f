"""A target that a request names becomes a service."""

import builtins
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from healthmon.config.load import parse
from healthmon.config.module import service_for
from healthmon.config.schema import Module
from healthmon.core.expectations import Comparison, Expectations, Operator, Selected
from healthmon.core.model import Address
from healthmon.probes import PROBES

MODULES = parse(
    """
[[services]]
name = "Web"
url = "http://127.0.0.1:8000/"
[modules.secure]
probe = "https"
expect.certificate = "14d"
[modules.secure_port]
probe = "tls"
[modules.with_token]
auth.bearer = "t0ken"
timeout = "3s"
"""
).modules


@pytest.mark.parametrize(
    ("module", "target", "url", "address"),
    [
        ("http_2xx", "http://a:8000/x?y", "http://a:8000/x?y", Address("http", "a", 8000, explicit=True)),
        ("http_2xx", "https://a/", "https://a/", Address("https", "a", 443, explicit=False)),
        ("http_2xx", "HTTPS://A/", "HTTPS://A/", Address("https", "a", 443, explicit=False)),
        ("http_2xx", "a", "http://a", Address("http", "a", 80, explicit=False)),
        ("http_2xx", "a:8000", "http://a:8000", Address("http", "a", 8000, explicit=True)),
        ("http_2xx", "a/health", "http://a/health", Address("http", "a", 80, explicit=False)),
        ("http_2xx", "[::1]:8000/x", "http://[::1]:8000/x", Address("http", "::1", 8000, explicit=True)),
        ("secure", "a", "https://a", Address("https", "a", 443, explicit=False)),
        ("tcp_connect", "a:5432", "tcp://a:5432", Address("tcp", "a", 5432, explicit=True)),
        ("tcp_connect", "tcp://a:5432", "tcp://a:5432", Address("tcp", "a", 5432, explicit=True)),
        ("secure_port", "a", "tls://a", Address("tls", "a", 443, explicit=False)),
    ],
)
def test_a_target_becomes_a_service(module: str, target: str, url: str, address: Address) -> None:
    service = service_for(MODULES[module], target)

    template = MODULES[module].template
    expected = structs.replace(template, id=target, name=target, url=url, shown_url=url, address=address)
    assert structs.replace(expected, by_hand=PROBES[address.scheme].by_hand(expected)) == service


@pytest.mark.parametrize(
    ("module", "target", "message"),
    [
        ("http_2xx", "", "there is no host after http://"),
        ("http_2xx", "//a", "there is no host after http://"),
        ("http_2xx", "http://a b/", "a URL holds no spaces or control characters; write %20"),
        ("http_2xx", "http://a/\n", "a target has only characters that can be seen; write others as %XX"),
        ("http_2xx", "http://a/\u202e", "a target has only characters that can be seen; write others as %XX"),
        ("http_2xx", "http://a/\udc80", "a target has only characters that can be seen; write others as %XX"),
        ("http_2xx", "http://::1/", "an IPv6 address in a URL stands in brackets, such as http://[::1]:8000/"),
        ("http_2xx", "http://a:0/", "a port is a number from 1 to 65535"),
        (
            "http_2xx",
            "htps://a",
            f'no probe for htps://; did you mean "https"? (there are {"://, ".join(PROBES)}://)',
        ),
        ("http_2xx", "tcp://a:1", "the module http_2xx probes http:// targets, not tcp:// ones"),
        ("tcp_connect", "http://a/", "the module tcp_connect probes tcp:// targets, not http:// ones"),
        ("tcp_connect", "a", "tcp:// needs a port, such as tcp://a:5432"),
        ("tcp_connect", "u:s3same@a:1", "tcp:// takes a host and a port and nothing else"),
        ("secure_port", "tcp://a:1", "the module secure_port probes tls:// targets, not tcp:// ones"),
        ("secure", "http://a/", "the module secure expects a certificate, which no http:// target has"),
    ],
)
def test_what_no_module_can_be_asked_for(module: str, target: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        service_for(MODULES[module], target)


def test_what_a_probe_adds_is_demanded_by_its_name() -> None:
    demand = Selected("rows", (Comparison(Operator.GT, 0),))
    module = MODULES["http_2xx"]
    module = structs.replace(module, template=structs.replace(module.template, warn=Expectations(values=(demand,))))

    with pytest.raises(ValueError, match="expects a rows, which no https:// target has"):
        service_for(module, "https://a/")
    assert service_for(module, "http://a/").warn.values == (demand,)


@pytest.mark.parametrize(
    ("target", "shown", "secrets"),
    [
        ("http://user:s3same@a/", "http://user:***@a/", {"s3same", "dXNlcjpzM3NhbWU="}),
        ("user:s3same@a/", "user:***@a/", {"s3same", "dXNlcjpzM3NhbWU="}),
        ("http://:s3same@a/", "http://:***@a/", {"s3same", "OnMzc2FtZQ=="}),
        ("http://t%6fk@a/", "http://***@a/", {"t%6fk", "tok"}),
        ("http://token:@a/", "http://***@a/", {"token"}),
        ("http://@a/", "http://@a/", set()),
    ],
)
def test_credentials_are_masked(target: str, shown: str, secrets: set[str]) -> None:
    service = service_for(MODULES["with_token"], target)

    assert (shown, shown) == (service.id, service.name)
    assert service.shown_url.removeprefix("http://") == shown.removeprefix("http://")
    assert service.url.removeprefix("http://") == target.removeprefix("http://")
    assert service.secrets == secrets | {"t0ken"}
    assert (service.timeout, service.options.auth.bearer) == (3.0, "t0ken")


@pytest.mark.parametrize(
    "target", ["http://u:s3same@", "http://u:s3same@a b/", "http://u:s3/same@a/", "x://u:s3same@a"]
)
def test_no_message_shows_credentials(target: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        service_for(MODULES["http_2xx"], target)

    assert "s3" not in str(caught.value)


def test_a_user_part_that_is_not_fit_for_a_url_is_told_without_it() -> None:
    with pytest.raises(ValueError, match=r"^the user part of the target is not fit for a URL$"):
        service_for(MODULES["http_2xx"], "http://u:s3same word@a/")


def test_no_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(Path, "open", refuse)

    assert service_for(MODULES["http_2xx"], "https://a/").address.port == 443


@settings(deadline=None)
@given(st.sampled_from(list(MODULES.values())), st.text() | st.from_regex(r"(\w+://)?(\w*:?\w*@)?[a-z.\[\]:]*[/?#]?.*"))
def test_whatever_is_asked_for_becomes_a_service_or_one_sentence(module: Module, target: str) -> None:
    sentence = ""
    try:
        service = service_for(module, target)
    except ValueError as error:
        sentence = str(error)
    assert sentence.isprintable()
    if sentence:
        return
    assert service.name.isprintable()
    assert type(service.options) is PROBES[service.address.scheme].options
