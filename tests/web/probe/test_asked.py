"""The parameters of a request to `/probe`."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, MultiDict

from healthmon.web.probe.asked import SCRAPE_TIMEOUT, Asked, attempt_timeout, read
from healthmon.web.probe.contract import Refused
from tests.make import service


def asked(*parameters: tuple[str, str], within: tuple[str, ...] = ()) -> Asked:
    """Read a request with these parameters and scrape timeouts."""
    return read(MultiDict(parameters), CIMultiDict((SCRAPE_TIMEOUT, seconds) for seconds in within))


def test_only_the_target_is_needed() -> None:
    assert asked(("target", "127.0.0.1:80")) == Asked(target="127.0.0.1:80", module="http_2xx")


def test_all_parameters() -> None:
    read_ = asked(
        ("target", "http://127.0.0.1/"),
        ("module", "a"),
        ("hostname", "b.example:8080"),
        ("debug", "true"),
        within=("10",),
    )
    assert read_ == Asked(target="http://127.0.0.1/", module="a", hostname="b.example:8080", debug=True, within=10.0)


def test_what_is_empty_is_not_given() -> None:
    """As scrape configs with relabeling may send it."""
    assert asked(("target", "a"), ("module", ""), ("hostname", ""), ("debug", "")) == Asked(target="a")


def test_what_is_not_known_is_left_alone() -> None:
    assert asked(("target", "a"), ("prober", "http"), ("prober", "tcp")) == Asked(target="a")


@pytest.mark.parametrize("debug", ["1", "True", "false"])
def test_only_true_is_true(debug: str) -> None:
    assert not asked(("target", "a"), ("debug", debug)).debug


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ((), "The parameter `target` is missing: /probe?target=URL&module=NAME."),
        ((("target", ""),), "The parameter `target` is missing: /probe?target=URL&module=NAME."),
        ((("target", "a"), ("target", "b")), "The parameter `target` is given 2 times: give it once."),
        ((("target", "a"), ("module", "b"), ("module", "b")), "The parameter `module` is given 2 times: give it once."),
        *(
            (
                (("target", "a"), ("hostname", hostname)),
                "`hostname` is a host's name or address, such as `hostname=www.example.com`.",
            )
            for hostname in ("a b", "a\r\nX: y", "a/b", "user@a", "a:", "a:b", ":80", "[a]:80", "é.example", "a:123456")
        ),
    ],
)
def test_what_is_refused(parameters: Any, sentence: str) -> None:
    with pytest.raises(Refused) as raised:
        asked(*parameters)
    assert (raised.value.status, raised.value.sentence) == (400, sentence)


@pytest.mark.parametrize("hostname", ["a.example", "a.example:80", "127.0.0.1", "[::1]", "[::1]:8080", "a"])
def test_a_hostname_is_a_name_or_an_address_with_or_without_a_port(hostname: str) -> None:
    assert asked(("target", "a"), ("hostname", hostname)).hostname == hostname


@pytest.mark.parametrize(
    "within", [("",), ("0",), ("0.0",), ("-1",), ("nan",), ("inf",), ("1e3",), ("10s",), ("1", "2")]
)
def test_a_scrape_timeout_is_a_number_of_seconds(within: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as raised:
        asked(("target", "a"), within=within)
    assert raised.value.status == 400
    assert raised.value.sentence == f"The header {SCRAPE_TIMEOUT} is a number of seconds, such as 10."


@pytest.mark.parametrize(
    ("timeout", "retries", "within", "expected"),
    [
        (10.0, 0, None, 10.0),
        (10.0, 3, None, 10.0),
        (10.0, 0, 10.0, 9.5),
        (5.0, 0, 10.0, 5.0),
        (10.0, 1, 10.0, 4.75),
        (10.0, 0, 0.4, 0.2),
        (10.0, 0, 1.0, 0.5),
    ],
)
def test_an_attempts_timeout(timeout: float, retries: int, within: float | None, expected: float) -> None:
    assert attempt_timeout(service(timeout=timeout, retries=retries), within) == expected


@given(
    timeout=st.floats(0.001, 1e6),
    retries=st.integers(0, 10),
    within=st.floats(1e-9, 1e9),
)
def test_all_attempts_end_before_the_scraper_leaves(timeout: float, retries: int, within: float) -> None:
    each = attempt_timeout(service(timeout=timeout, retries=retries), within)
    assert 0 < each <= timeout
    assert each * (1 + retries) < within
