"""A secret is masked in whatever way a server wrote it down."""

import json
import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.masking import MASK, findable, mask

SECRET = 'a/b "é"+<\'\\\\x\n😀'
ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": quote,
    "percent with slashes": lambda text: quote(text, safe=""),
    "percent in lower case": lambda text: re.sub("%..", lambda code: code[0].lower(), quote(text)),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON of Go": lambda text: (
        json.dumps(text, ensure_ascii=False)[1:-1].replace("<", "\\u003c").replace("+", "\\u002B")
    ),
    "HTML": escape,
    "HTML by numbers": lambda text: escape(text, quote=False).replace('"', "&#34;").replace("/", "&#47;"),
    "HTML by hexadecimal numbers": lambda text: escape(text).replace("/", "&#x2F;").replace("é", "&#x00e9;"),
    "HTML by names": lambda text: escape(text, quote=False).replace("'", "&apos;").replace("é", "&eacute;"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_known_in_a_url_in_json_and_in_a_page(encoding: str) -> None:
    """Error pages and error messages repeat what they were sent."""
    encoded = ENCODINGS[encoding](SECRET)

    assert mask(f"no: {encoded}!", {SECRET}) == f"no: {MASK}!"


@pytest.mark.parametrize("text", ["a-b", "A/B", "a%2Cb", "a&#48;b", "a\\\\/b", "ab"])
def test_what_is_no_secret_is_not_masked(text: str) -> None:
    assert mask(text, {"a/b"}) == text


def test_a_byte_that_is_no_text_is_found_in_a_url() -> None:
    assert mask("/x%FCy", {"x\udcfcy"}) == f"/{MASK}"


def test_a_row_of_backslashes_is_looked_through_at_once() -> None:
    """Taken one by one, each as one or as two, they would take years."""
    assert mask("\\" * 200, {"\\" * 60 + "x", "\\" * 60 + "/"}) == "\\" * 200
    assert mask("\\" * 120, {"\\" * 60}) == MASK


def test_an_empty_secret_masks_nothing() -> None:
    assert mask("text", {""}) == "text"


@given(st.text(), st.text(min_size=1), st.text())
def test_any_secret_is_found_in_its_usual_encodings(before: str, secret: str, after: str) -> None:
    for encoded in (secret, json.dumps(secret)[1:-1], escape(secret), quote(secret), quote_plus(secret)):
        assert MASK in mask(before + encoded + after, {secret})


@pytest.mark.parametrize(
    ("secret", "found"),
    [("a" * 2**14, True), ("a" * (2**14 + 1), False), ("+" * 512 + "a", True), ("+" * 513, False), ("", True)],
)
def test_what_can_be_looked_for_without_holding_anything_up(secret: str, *, found: bool) -> None:
    assert findable(secret) is found
