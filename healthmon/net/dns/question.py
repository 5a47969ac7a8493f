"""What a DNS server is asked, as a URL and a config have it (RFC 1035, RFC 4501)."""

import ipaddress
import re
from typing import Literal, get_args
from urllib.parse import SplitResult, unquote

from msgspec import Struct

RecordType = Literal[
    "A",
    "AAAA",
    "ANY",
    "CAA",
    "CNAME",
    "DNSKEY",
    "DS",
    "HTTPS",
    "MX",
    "NAPTR",
    "NS",
    "PTR",
    "SOA",
    "SRV",
    "SVCB",
    "TLSA",
    "TXT",
]
"""The types of records that can be asked for."""

_LABEL = re.compile(r"[!-\[\]-~]{1,63}")  # visible, and no backslash, which would begin an escape
_EXAMPLE = "dns://192.0.2.53/www.example.com?type=AAAA"


class Question(Struct, frozen=True):
    """A question: a name, ``.`` for the root, and a type of records."""

    name: str
    type: str


def question(parts: SplitResult, name: str | None, type_: str | None) -> Question:
    """The question that a URL and its service's options ask; what the URL says comes first.

    Without a name it is the root, whose name servers every resolver knows.

    Raises:
        ValueError: The URL asks for what can be no name, or for no known type.
    """
    path = unquote(parts.path).removeprefix("/")
    asked = path or name or "."
    type_ = _type(parts.query) or type_ or ("NS" if asked == "." else "A")
    check_name(asked)
    return Question(_reversed(asked) if type_ == "PTR" else asked, type_)


def check_name(name: str) -> None:
    """Raise ValueError unless a text can be a domain name, in whatever script."""
    if name == ".":
        return
    try:
        labels = (name if name.isascii() else name.encode("idna").decode("ascii")).removesuffix(".").split(".")
    except UnicodeError:
        labels = []
    fits = sum(len(label) + 1 for label in labels) <= 254
    if not labels or not fits or not all(_LABEL.fullmatch(label) and "/" not in label for label in labels):
        raise ValueError(f"there is no domain name after the resolver; write {_EXAMPLE}")


def _type(query: str) -> str | None:
    if not query:
        return None
    key, _, value = query.partition("=")
    if key.lower() != "type" or value.upper() not in get_args(RecordType):
        raise ValueError(f"after `?` stands only the type of the records, one of {', '.join(get_args(RecordType))}")
    return value.upper()


def _reversed(name: str) -> str:
    """The name under which an address is looked up."""
    try:
        return ipaddress.ip_address(name).reverse_pointer
    except ValueError:
        return name
