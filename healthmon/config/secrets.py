"""What may appear in no output."""

import base64
import re
from typing import Any
from urllib.parse import unquote

from healthmon.config.kinds import Path
from healthmon.core.masking import MASK, forms

URLS = frozenset({"url", "proxy"})

_START = r"(?>[^/?#:@]*:/+|/*)"
_USER_PART = re.compile(rf"{_START}([^/?#]*)@")
_SEEMING_PORT = re.compile(rf"{_START}[^/?#@]*:(?!\d+[/?#])[^/?#@\]]*[/?#].*@", re.DOTALL)

HEADERS = frozenset({"headers", "metadata"})
_HOLDERS = frozenset(
    {"auth", "headers", "params", "body", "json", "form", "metadata", "send", "send_hex", "command", "env", "stdin"}
)
_FILLED = frozenset({"path", "url", "headers", "params", "body", "json", "form"})
_TELLING_NOTHING = frozenset({"HOME", "LANG", "LC_ALL", "PATH", "TZ"})
_PUBLIC = frozenset({"username", "token_url", "client_id", "scope", "audience", "auth_style"})
CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


def from_environment(path: Path) -> bool:
    """Whether what a variable gives to the value at this path is secret, a URL's user part aside."""
    return _own(path)[0] in _HOLDERS and not (path[0] == "env" and path[-1] in _TELLING_NOTHING)


def literal(path: Path) -> bool:
    """Whether what stands at this path is secret even when it is written in the file."""
    path = _own(path)
    if path[0] == "auth":
        return path[-1] not in _PUBLIC
    if path[0] == "env" and len(path) == 2:
        return re.search("PASS|SECRET|TOKEN|KEY|CREDENTIAL", str(path[1]), re.IGNORECASE) is not None
    return path[0] in HEADERS and len(path) == 2 and str(path[1]).lower() in CREDENTIAL_HEADERS


def in_header(path: Path) -> bool:
    """Whether a value stands in a header that is sent."""
    return _own(path)[0] in HEADERS


def in_step(path: Path) -> bool:
    """Whether a value stands in what a step sends, where braces may be a placeholder of the step's."""
    return len(path) > 2 and path[0] == "steps" and path[2] in _FILLED


def _own(path: Path) -> Path:
    """The path within the step, of what stands in one: there the same keys are secret as in a service."""
    return path[2:] if path[0] == "steps" and len(path) > 2 else path


def header_forms(value: str) -> frozenset[str]:
    """A header's secret value: as a whole, and the part after the name of its scheme."""
    return forms(value) | forms(value.partition(" ")[2])


def basic_forms(username: str, password: str) -> frozenset[str]:
    """The forms of a password, and of what the Basic scheme makes of it (RFC 7617)."""
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return forms(password) | forms(token)


def may_hold(path: Path) -> bool:
    """Whether a message must not quote what stands at this path, or at the top of the file."""
    return _own(path)[0] in _HOLDERS | {"steps", "defaults", "services", "daemon", "maintenance", "modules"}


def from_outside(value: Any) -> bool:
    """Whether a value, as it is written in the file, takes a part of it from a file or a credential."""
    match value:
        case str():
            return "${file:" in value or "${credential:" in value
        case list():
            return any(map(from_outside, value))
    return False


def user_part(url: str) -> slice:
    """Where the user's name and password stand in a URL (RFC 3986, section 3.2.1); empty where there are none."""
    match = _USER_PART.match(url)
    return slice(*match.span(1)) if match else slice(0)


def url_forms(url: str) -> frozenset[str]:
    """The forms of the password in a URL's user part, and of what the Basic scheme makes of it."""
    username, _, password = url[user_part(url)].partition(":")
    if not password:
        return frozenset()
    return basic_forms(unquote(username), unquote(password)) | forms(password)


def without_password(url: str) -> str:
    """The URL with its password masked."""
    place = user_part(url)
    username, colon, password = url[place].partition(":")
    if _SEEMING_PORT.match(url):
        return without_user(url)
    if not password:
        return url
    return f"{url[: place.start]}{username}{colon}{MASK}{url[place.stop :]}"


def without_user(url: str) -> str:
    """A URL that is not valid, with all masked that may have been meant as its user part.

    A password with "/", "?" or "#" in it ends what a parser takes for the host, and seems to be the port.
    """
    if not (user_part(url).stop or _SEEMING_PORT.match(url)):
        return url
    return re.sub(rf"({_START}).*@", rf"\1{MASK}@", url, count=1, flags=re.DOTALL)
