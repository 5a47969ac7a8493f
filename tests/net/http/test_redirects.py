"""The rules of redirects, as functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from healthmon.net.http.redirects import is_redirect, redirected, same_origin, shown
from healthmon.net.http.request import Request
from healthmon.net.trace import ProbeFailed

HOME = Request("POST", URL("http://a.example.com/x/y?q=1"), (("X-Api-Key", "k"), ("Content-Type", "t")), b"body")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example.com/x", "http://A.EXAMPLE.COM:80/y?z", True),
        ("https://a.example.com/", "https://a.example.com:443/", True),
        ("http://a.example.com/", "https://a.example.com/", False),
        ("http://a.example.com/", "http://a.example.com:8080/", False),
        ("http://a.example.com/", "http://b.example.com/", False),
        ("http://a.example.com/", "http://example.com/", False),
        ("http://[::1]:8000/", "http://[0:0::1]:8000/", True),
        ("http://bücher.example.com/", "http://xn--bcher-kva.example.com/", True),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, *, same: bool) -> None:
    """Written as they may be."""
    assert same_origin(URL(one), URL(other)) is same


def test_redirects_are_five_statuses() -> None:
    """300 offers a choice, 304 and 305 mean something else."""
    assert [status for status in range(100, 600) if is_redirect(status)] == [301, 302, 303, 307, 308]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/", "http://a.example.com/"),
        ("z", "http://a.example.com/x/z"),
        ("?q=2", "http://a.example.com/x/y?q=2"),
        ("//a.example.com/z", "http://a.example.com/z"),
        ("../z#part", "http://a.example.com/z"),
        ("/ä ö", "http://a.example.com/%C3%A4%20%C3%B6"),
        ("http://u:p@a.example.com/", "http://a.example.com/"),
    ],
)
def test_a_location_is_resolved_against_the_request(location: str, expected: str) -> None:
    """RFC 3986, 5.2; a user part that the server puts there is dropped."""
    following = redirected(HOME, 307, location)
    assert (str(following.url), following.headers, following.body) == (expected, HOME.headers, b"body")
    assert following.at_home


@given(
    status=st.sampled_from([301, 302, 303, 307, 308]),
    hosts=st.lists(st.sampled_from(["a.example.com", "b.example.com", "a.example.com:8080"]), min_size=1, max_size=6),
)
def test_after_the_first_strange_origin_nothing_is_sent_along(status: int, hosts: list[str]) -> None:
    """Not even back at home."""
    request = Request("GET", URL("http://a.example.com/"), (("Authorization", "Bearer b"),))
    for index, host in enumerate(hosts):
        request = redirected(request, status, f"http://{host}/")
        strange = any(each != "a.example.com" for each in hosts[: index + 1])
        assert (request.headers == (), request.at_home, request.bears_credentials) == (
            strange,
            not strange,
            not strange,
        )


@given(st.text())
def test_any_location_is_followed_or_refused(location: str) -> None:
    """A server can write what it likes."""
    try:
        following = redirected(Request("GET", URL("http://a.example.com/")), 302, location)
    except ProbeFailed as error:
        assert error.cause == "redirect"  # noqa: PT017
    else:
        assert following.url.scheme in ("http", "https")
        assert following.url.raw_host


def test_a_url_is_shown_without_its_query() -> None:
    """In which a server may repeat a secret."""
    assert shown(URL("http://a.example.com/x?token=t#part")) == "http://a.example.com/x"
