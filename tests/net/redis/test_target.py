"""What the URL of a Redis service says."""

from urllib.parse import urlsplit

import pytest

from healthmon.net.redis.target import Target, check_url, target_of

URLS = {
    "redis://127.0.0.1": Target("", "", 0),
    "redis://:@127.0.0.1/": Target("", "", 0),
    "redis://:p%3Ass@127.0.0.1:6380/10": Target("", "p:ss", 10),
    "rediss://anna:secret@[::1]/0": Target("anna", "secret", 0),
}


@pytest.mark.parametrize(("url", "target"), URLS.items())
def test_what_a_url_says(url: str, target: Target) -> None:
    """And what it leaves out."""
    check_url(urlsplit(url))
    assert target == target_of(url)


@pytest.mark.parametrize("url", ["127.0.0.1/x", "127.0.0.1/1/2", "127.0.0.1/1?db=2", "127.0.0.1/-1", "anna@127.0.0.1"])
def test_what_is_not_understood_is_a_fault(url: str) -> None:
    """Nothing is passed over."""
    with pytest.raises(ValueError, match=r"index|password"):
        check_url(urlsplit(f"redis://{url}"))
