"""What may stand for {host}."""

import pytest

from healthmon.config.hosts import bracketed, check_host


@pytest.mark.parametrize(
    "host",
    ["localhost", "web-1", "my_service", "vps.example.com", "vps.example.com.", "bücher.example", "192.0.2.1", "::1",
     "2001:db8::1", "fe80::1%eth0", "1and1.example"],
)  # fmt: skip
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert host == check_host(host)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("http://192.0.2.1:8000", "192.0.2.1"),
        ("https://vps.example.com/health?x=1", "vps.example.com"),
        ("192.0.2.1:8000", "192.0.2.1"),
        ("vps.example.com:", "vps.example.com"),
        ("vps.example.com/health", "vps.example.com"),
        ("admin@vps.example.com", "vps.example.com"),
        ("http://admin:pw@[2001:db8::1]:8000/", "2001:db8::1"),
        ("[::1]", "::1"),
        ("[::1]:8000", "::1"),
        ("web\n", "web"),
        (" vps.example.com ", "vps.example.com"),
    ],
)
def test_a_url_or_a_port_is_refused_with_what_to_write(text: str, instead: str) -> None:
    with pytest.raises(ValueError, match="nothing more") as caught:
        check_host(text)

    assert str(caught.value).endswith(f"; write: {instead}")


@pytest.mark.parametrize(
    "text",
    ["", " ", "192.0.2.300", "192.0.2", "1", "-web", "a..b", "a b", "x" * 64, "a." * 127 + "aa", "1::2::3", "{host}"],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a host's name, an IPv4 or an IPv6 address"):
        check_host(text)


def test_an_ipv6_address_stands_in_brackets_in_a_url() -> None:
    assert [bracketed(host) for host in ("::1", "192.0.2.1", "web")] == ["[::1]", "192.0.2.1", "web"]
