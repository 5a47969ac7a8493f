"""Output that was cut keeps no beginning of a secret at its end."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.masking import mask
from healthmon.net.exec.cut import without_begun


@pytest.mark.parametrize(
    ("content", "secrets", "expected"),
    [
        (b"said swordf", {"swordfish"}, b"said "),
        (b"said swordfish", {"swordfish"}, b"said swordfish"),
        (b"swordf said", {"swordfish"}, b"swordf said"),
        (b"said \xc3", {"\u00e9a"}, b"said "),
        (b"said swordfish", {"swordfish", "shark"}, b"said "),
        (b"said abca", {"abca"}, b"said "),
        (b"said a%2", {"a/b"}, b"said "),
        (b"said swordf", set(), b"said swordf"),
        (b"", {"swordfish"}, b""),
    ],
)
def test_what_may_be_the_beginning_of_a_secret_goes(content: bytes, secrets: set[str], expected: bytes) -> None:
    assert without_begun(content, secrets) == expected


@given(st.text("xy ", max_size=30), st.integers(min_value=0), st.sampled_from([str, json.dumps, quote]))
def test_wherever_it_is_cut(before: str, cut: int, write: object) -> None:
    """No part of six characters is left once it is masked, however it was written down."""
    assert callable(write)
    secret = 'swordfish/"0123456789"'
    text = f"{before}{write(secret)}{before}{write(secret)}".encode()
    left = mask(without_begun(text[: cut % (len(text) + 1)], {secret}).decode(), {secret})
    assert not [secret[at : at + 6] for at in range(len(secret) - 5) if secret[at : at + 6] in left]
