"""A URL is admitted only where it is certain what will be asked."""

import ipaddress
import re
import time
from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.core.allow import Allow, allowed, check_allowed
from healthmon.probes import PROBES

_LABELS = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
_HOSTS = st.lists(_LABELS, min_size=1, max_size=3).map(".".join)
_PATHS = st.from_regex(r"(/[a-z0-9]{0,5}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("glob", "url"),
    [
        ("http://a.example.com/", "http://a.example.com/"),
        ("http://a.example.com/", "http://a.example.com"),
        ("http://a.example.com", "http://a.example.com/"),
        ("HTTP://A.Example.com/", "http://a.eXample.com/"),
        ("http://a.example.com/", "http://a.example.com:80/"),
        ("http://a.example.com:80/", "http://a.example.com/"),
        ("https://a.example.com:0443/", "https://a.example.com/"),
        ("http://a.example.com/", "http://a.example.com:/"),
        ("http://*.example.com/*", "http://a.b.example.com/any/path?q=1"),
        ("http://*.example.com/*", "http://user:pass@a.example.com/"),
        ("http*://a.example.com/", "https://a.example.com/"),
        ("*://a.example.com/", "https://a.example.com:443/"),
        ("http://*/health", "http://[2001:db8::1]/health"),
        ("http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]:80/"),
        ("http://[::1]:*/", "http://[::1]:8000/"),
        ("http://127.0.0.1:*/*", "http://127.0.0.1:8000/a"),
        ("http://127.0.0.1:*/*", "http://127.0.0.1/a"),
        ("http://a/x*/health", "http://a/xyz/y/health"),
        ("http://a/*b*b*c", "http://a/b/bb/abc/c"),
        ("http://a/health?q=*", "http://a/health?q=a?b"),
        ("http://a?q=1", "http://a/?q=1"),
        ("http://a/", "http://a/?"),
        ("http://a/", "http://a/#top"),
        ("http://a/*", "http://a/caf\u00e9"),
        ("http://a/*", "http://a/.well-known/x..y/..z/a.b"),
        ("tcp://db:5432", "tcp://db:5432"),
        ("tcp://db:*", "tcp://db:5432/"),
        ("tls://db", "tls://db:443"),
        ("*://*:*/*", "tcp://db:5432"),
    ],
)
def test_a_glob_matches_a_url(glob: str, url: str) -> None:
    assert Allow(urls=("tcp://other:1", glob)).admits_url(url)


@pytest.mark.parametrize(
    ("glob", "url"),
    [
        ("http://*.example.com/*", "http://evil.test/?x=.example.com/"),
        ("http://*.example.com/*", "http://evil.test/.example.com/"),
        ("http://*.example.com/*", "http://evil.test#.example.com/"),
        ("http://*.example.com/*", "http://a.example.com@evil.test/"),
        ("http://*.example.com/*", "http://[@a.example.com/"),
        ("http://*.example.com/*", "http://evil.test\\@a.example.com/"),
        ("http://*.example.com/*", "http://evil.test\\.example.com/"),
        ("http://*.example.com/*", "http://evil.test%2f.example.com/"),
        ("http://*.example.com/*", "http://evil.test\t.example.com/"),
        ("http://*.example.com/*", "http://a.example.com\n/"),
        ("http://*.example.com/*", "http://a.example.com/\n"),
        ("http://*.example.com/*", " http://a.example.com/"),
        ("http://*.example.com/*", "http://a.example.com:8080/"),
        ("http://*.example.com/*", "http://a.example.com:80:80/"),
        ("http://*.example.com/*", "http://a.example.com./"),
        ("http://*.example.com/*", "https://a.example.com/"),
        ("http://*.example.com/*", "http://example.com/"),
        ("http://*.example.com/*", "http://evil\u3002example.com/"),
        ("http://k.example.com/", "http://\u212a.example.com/"),
        ("http://*:80/*", "http://a:8080/"),
        ("http://*/*", "http://a:8080/"),
        ("http://*/*", "tcp://a:80"),
        ("*://*/*", "tcp://a:80"),
        ("http://*/*", "http:///path"),
        ("http://*/*", "http://[::1/"),
        ("http://*/*", "http://[::g]/"),
        ("http://*/*", "http://[:::]/"),
        ("http://*/*", "a.example.com"),
        ("http://a/public/*", "http://a/public/../admin"),
        ("http://a/public/*", "http://a/public/%2e%2E/admin"),
        ("http://a/public/*", "http://a/public/.."),
        ("http://a/public/*", "http://a/public/./x"),
        ("http://a/public/*", "http://a/public/..%2fadmin"),
        ("http://a/public/*", "http://a/public/..;/admin"),
        ("http://a/public/*", "http://a/public%5C..%5cadmin"),
        ("http://a/*/public", "http://a/admin?/public"),
        ("http://a/*/public", "http://a/admin#/public"),
        ("http://a/health", "http://a/health?x=1"),
        ("http://a/health?", "http://a/health?x=1"),
        ("http://a/*?", "http://a/health?x=1"),
        ("http://a/health?x=*", "http://a/health"),
        ("http://a/h[ea]alth", "http://a/health"),
        ("http://a/", "http://a/health"),
        ("http://a/x", "http://a/X"),
    ],
)
def test_a_glob_does_not_match_what_is_elsewhere(glob: str, url: str) -> None:
    assert not Allow(urls=(glob,)).admits_url(url)


def test_nothing_is_allowed_where_nothing_is_listed() -> None:
    assert not Allow().admits_url("http://127.0.0.1/")
    assert not Allow().admits_address("127.0.0.1")


def test_what_is_not_listed_is_left_to_the_other_kind() -> None:
    assert Allow(networks=("127.0.0.0/8",)).admits_url("whatever")
    assert Allow(urls=("http://127.0.0.1/",)).admits_address("192.0.2.1")


@pytest.mark.parametrize(
    ("network", "ip", "admitted"),
    [
        ("127.0.0.0/8", "127.1.2.3", True),
        ("127.0.0.0/8", "128.0.0.1", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("127.0.0.0/8", "::ffff:127.0.0.1", True),
        ("::/0", "::ffff:127.0.0.1", False),
        ("::/0", "127.0.0.1", False),
        ("2001:db8::/32", "2001:DB8::1", True),
        ("fe80::/10", "fe80::1%eth0", True),
        ("0.0.0.0/0", "no address", False),
    ],
)
def test_a_network_holds_an_address(network: str, ip: str, admitted: bool) -> None:
    assert Allow(networks=("198.51.100.0/24", network)).admits_address(ip) == admitted


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("10.0.0.1/8", "the address has bits beyond the network's; write 10.0.0.0/8"),
        ("::ffff:10.0.0.0/104", "write the IPv4 network itself: 10.0.0.0/8"),
        ("a.example.com", "expected a glob of URLs such as"),
        ("*", "expected a glob of URLs such as"),
        ("10.0.0.0/33", "expected a glob of URLs such as"),
        ("fe80::1%eth0", "expected a glob of URLs such as"),
        ("", "expected a glob of URLs such as"),
        ("http://", "expected a glob of URLs such as"),
        ("http://a b/", "expected a glob of URLs such as"),
        ("http://[:::]/", "expected a glob of URLs such as"),
        ("http://u:p@a.example.com/", "a glob of URLs has no user part"),
        ("http://a/#x", 'a glob of URLs has no "#"'),
        ("http://b\u00fccher.example/", "write the name of the host in ASCII"),
        ("http://a:0/", "a port is a number from 1 to 65535, or * for any"),
        ("http://a:65536/", "a port is a number from 1 to 65535, or * for any"),
        ("tcp://a", "tcp:// has no port of its own; write one, or :* for any"),
    ],
)
def test_what_cannot_stand_in_a_list(entry: str, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        check_allowed(entry)


def test_a_list_is_told_apart() -> None:
    entries = ("http://a/*", "10.0.0.0/8", "2001:db8::1", "::/0")
    for entry in entries:
        check_allowed(entry)

    assert Allow(urls=("http://a/*",), networks=("10.0.0.0/8", "2001:db8::1", "::/0")) == allowed(entries)


@settings(deadline=None)
@given(_HOSTS, _PATHS)
def test_a_url_is_a_glob_of_itself(host: str, path: str) -> None:
    url = f"http://{host}{path}"

    check_allowed(url)

    assert Allow(urls=(url,)).admits_url(url)
    assert not Allow(urls=(url,)).admits_url(url.replace("http", "https"))


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=0x250)) | st.text("ab.:@/?#\\%[]*-\n\t ", max_size=30), _HOSTS)
def test_only_the_host_decides_where_the_host_is_listed(text: str, host: str) -> None:
    """Whatever is written before, between and after: what is admitted leads to the host, as yarl reads it."""
    from yarl import URL

    allow = Allow(urls=(f"http://*.{host}:*/*",))
    for url in (f"http://{text}.{host}/", f"http://{text}@evil.test/.{host}/", f"http://evil.test{text}.{host}/"):
        if allow.admits_url(url):
            assert (URL(url).host or "").endswith(f".{host}")


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_networks_hold_what_shares_their_first_bits(number: int, other: int, length: int) -> None:
    network = ipaddress.ip_network((number, length), strict=False)
    address = ipaddress.IPv4Address(other)
    allow = Allow(networks=(str(network),))

    assert (number >> (32 - length) == other >> (32 - length)) == allow.admits_address(str(address))
    assert allow.admits_address(str(address)) == allow.admits_address(f"::ffff:{address}")


def test_a_url_that_was_made_to_be_compared_for_long_is_refused_at_once() -> None:
    allow = Allow(urls=("http://a/*b*b*b*b*b*b*c",))
    url = "http://a/" + "b" * 50_000
    begun = time.process_time()

    assert not allow.admits_url(url)
    assert time.process_time() - begun < 5


def test_the_ports_that_need_not_be_written_are_those_of_the_probes() -> None:
    """Port 0 is that of a protocol without ports."""
    for scheme, probe in PROBES.items():
        if probe.locate is not None:
            continue
        known = probe.default_port is not None
        url = f"{scheme}://a:{probe.default_port if known else 1}/"
        assert Allow(urls=("*://a/",)).admits_url(url) == known
        with nullcontext() if known else pytest.raises(ValueError, match="has no port of its own"):
            check_allowed(f"{scheme}://a")
