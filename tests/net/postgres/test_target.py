"""What the URL of a PostgreSQL service says."""

from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.postgres.target import Target, check_url, target_of

URLS = {
    "postgres://127.0.0.1": Target("healthmon", "", "healthmon", None),
    "postgres://:@127.0.0.1:5433/": Target("healthmon", "", "healthmon", None),
    "postgres://anna:@127.0.0.1": Target("anna", "", "anna", None),
    "postgresql://anna:p%40ss@[::1]:5433/a%2Fb?sslmode=require": Target("anna", "p@ss", "a/b", "require"),
    "postgres://127.0.0.1/app?sslmode=disable&sslmode=verify-full": Target("healthmon", "", "app", "verify-full"),
}


@pytest.mark.parametrize(("url", "target"), URLS.items())
def test_what_a_url_says(url: str, target: Target) -> None:
    """And what it leaves out."""
    check_url(urlsplit(url))
    assert target == target_of(url)


@given(st.text(), st.text(min_size=1), st.text(min_size=1))
def test_any_words_survive(user: str, password: str, database: str) -> None:
    """Percent-encoded."""
    try:
        user_part = f"{quote(user, safe='')}:{quote(password, safe='')}"
        url = f"postgres://{user_part}@127.0.0.1/{quote(database, safe='')}"
    except UnicodeEncodeError:
        return
    assert target_of(url) == Target(user or "healthmon", password, database, None)


@pytest.mark.parametrize("rest", ["/a/b", "/a#b", "/a?sslmode=", "/a?sslmode=allow", "/a?connect_timeout=3"])
def test_what_is_not_understood_is_a_fault(rest: str) -> None:
    """Nothing is passed over."""
    with pytest.raises(ValueError, match=r"sslmode|one database"):
        check_url(urlsplit(f"postgres://127.0.0.1{rest}"))
