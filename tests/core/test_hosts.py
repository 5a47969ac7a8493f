"""What can be a host."""

import pytest

from healthmon.core.hosts import is_host


@pytest.mark.parametrize("text", ["web", "web.example.com.", "a_b-c", "grün.example", "192.0.2.1", "::1", "a" * 63])
def test_a_name_or_an_address_is_a_host(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", "-a", "a-", "a" * 64, "é" * 60, "a b", "a\0b", "1.2.3", "1.2.3.256", "::1::", "[::1]", "a:80"],
)
def test_nothing_else_is(text: str) -> None:
    assert not is_host(text)


def test_a_name_has_253_characters_at_most() -> None:
    assert is_host(".".join(["a" * 49] * 5) + ".abc")
    assert not is_host(".".join(["a" * 49] * 5) + ".abcd")
