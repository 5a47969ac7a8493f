"""Answers that try to speak through healthmon: to the terminal, to a CI's log, or with the secrets they were sent."""

from base64 import b64encode
from urllib.parse import quote, quote_plus

from msgspec import Struct

ESCAPES = (
    "\x1b[2J\x1b[31mred\x1b[0m"  # CSI: clears the screen, changes the colour
    "\x1b]0;title\x07\x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\"  # OSC: title, hyperlink
    "\x1b]52;c;cm0gLXJmIC8=\x07"  # OSC 52: writes the clipboard
    "\x9b1m\x9d0;title\x9c\x85\x90q\x9c"  # C1: CSI, OSC, NEL, DCS
    "\u202e\u2066\u200f\u200b\ufeff\U000e0041"  # turn the direction, hide, tag
    "\u2028\u2029\r\n\r\x08\x7f\x00\x0b\x0c"  # end lines, go back
    "\n::error file=a,line=1::an annotation\n##[error]another\n::stop-commands::x\n"
)
"""What a terminal or a CI's log obeys."""


class Variant(Struct, frozen=True):
    """A way to send secrets.

    Attributes:
        name: Its name.
        keys: The service's keys. `$secret` is a variable of the environment, `$file` a file.
        secrets: What may appear in no output, in every form in which it is sent.
        user: The user part of the URL.
    """

    name: str
    keys: str
    secrets: tuple[str, ...]
    user: str = ""


PLAIN = "Zq8kWx3vTn7bRm2dUy5h"
AWKWARD = 'Lp4$gHy9"c\\Jf6séKw2/Xo+1:iQ@a'
"""A secret whose JSON text, form value and percent-encoding are all different from itself."""

FROM_FILE = "Ct7yNk5mAuVe0rGb"

ENVIRONMENT = {"HOSTILE_PLAIN": PLAIN, "HOSTILE_AWKWARD": AWKWARD}


def _basic(password: str) -> str:
    return b64encode(f"monitor:{password}".encode()).decode()


VARIANTS = (
    Variant("bearer", 'auth.bearer = "${HOSTILE_PLAIN}"', (PLAIN,)),
    Variant(
        "basic", 'auth.basic = { username = "monitor", password = "${HOSTILE_AWKWARD}" }', (AWKWARD, _basic(AWKWARD))
    ),
    Variant("user part", "", (AWKWARD, _basic(AWKWARD)), "monitor:${HOSTILE_AWKWARD}@"),
    Variant("header", 'headers.X-Api-Key = "${HOSTILE_PLAIN}"', (PLAIN,)),
    Variant("header of a file", 'headers.X-Api-Key = "${file:$file}"', (FROM_FILE,)),
    Variant("parameter", 'params.key = "${HOSTILE_AWKWARD}"', (AWKWARD,)),
    Variant("body", 'method = "POST"\nbody = "${HOSTILE_AWKWARD}"', (AWKWARD,)),
    Variant("json", 'method = "POST"\njson.key = "${HOSTILE_AWKWARD}"', (AWKWARD,)),
    Variant("form", 'method = "POST"\nform.key = "${HOSTILE_AWKWARD}"', (AWKWARD,)),
)


def forms(secret: str) -> tuple[str, ...]:
    """A secret and the forms in which a server may send it back."""
    as_json = secret.replace("\\", "\\\\").replace('"', '\\"')
    return secret, quote(secret, safe=""), quote_plus(secret), as_json, as_json.replace("é", "\\u00e9")


class Answer(Struct, frozen=True):
    """A hostile answer, and the keys of a service that looks at it.

    Attributes:
        name: What is hostile.
        keys: The service's keys.
        text: The answer.
    """

    name: str
    keys: str
    text: bytes


def answers(variant: Variant) -> tuple[Answer, ...]:
    """All that a server can do to one who sent it these secrets."""
    return (*_heads(variant), *_redirects(variant), *_bodies(variant))


def _heads(variant: Variant) -> tuple[Answer, ...]:
    secret, echo, loud = variant.secrets[0], _echo(variant), _loud(variant)
    header, status = 'expect.header.x-echo = "ok"', "expect.status = 201"
    raw = b"HTTP/1.1 200 OK\r\nX-Echo: \x9b31m\x85\r\nContent-Length: 0\r\n\r\n"
    return (
        Answer("reason", "", _answer(f"503 {_line(echo)}")),
        Answer("loud reason", "", _answer(f"503 {_line(loud)}")),
        Answer("no HTTP", "", loud.encode()),
        Answer("no HTTP, raw C1", "", b"\x9b31m\x9d0;t\x9c" + loud.encode()),
        Answer("no HTTP, secret first", "", echo.encode()),
        Answer("no HTTP, cut", "", _across(secret, 80).encode()),
        Answer("status line", "", f"HTTP/1.1 {_line(loud)}\r\n\r\n".encode()),
        Answer("header", header, _answer("200 OK", f"X-Echo: {_line(echo)}")),
        Answer("loud header", header, _answer("200 OK", f"X-Echo: {_line(loud)}")),
        Answer("raw header", header, raw),
        Answer("header name", "", _answer("200 OK", f"{_line(loud)}: x")),
        Answer("content type", status, _answer("200 OK", f"Content-Type: text/{_line(echo)}")),
        Answer("loud content type", status, _answer("200 OK", f"Content-Type: text/{_line(loud)}")),
        Answer("content length", "", _answer("200 OK", f"Content-Length: {_line(echo)}")),
    )


def _redirects(variant: Variant) -> tuple[Answer, ...]:
    secret, echo, follow = variant.secrets[0], _echo(variant), "follow_redirects = 3"
    return (
        Answer("not HTTP", follow, _redirect(f"ftp://x/{_line(echo)}")),
        Answer("not HTTP, loud", follow, _redirect(f"ftp://x/{_line(_loud(variant))}")),
        Answer("not HTTP, cut", follow, _redirect(f"ftp://{_across(secret, 94)}")),
        Answer("no URL", follow, _redirect(f"http://[{_line(echo)}")),
        Answer("loop", follow, _redirect(f"/x/{quote(secret)}?{quote(echo)}#{quote(secret)}")),
        Answer("refused", follow, _redirect(f"http://127.0.0.1:1/{quote(secret, safe='')}")),
    )


def _bodies(variant: Variant) -> tuple[Answer, ...]:
    secret, echo, loud = variant.secrets[0], _echo(variant), _loud(variant)
    expect, expect_json = 'expect.body.contains = "never"', 'expect.json.status = "ok"'
    nested = _json(f"{ESCAPES} {echo}")
    return (
        Answer("charset", expect, _answer("200 OK", f"Content-Type: text/plain; charset={_line(echo)}", body=b"ok")),
        Answer("encoding", expect, _answer("200 OK", f"Content-Encoding: {_across(secret, 40)}", body=b"ok")),
        Answer("chunk size", expect, _chunked(f"{_line(echo)}\r\n")),
        Answer("loud chunk size", expect, _chunked(loud)),
        Answer("body", expect, _answer("200 OK", body=loud.encode())),
        Answer("body, secret first", expect, _answer("200 OK", body=echo.encode())),
        Answer("body, cut", expect, _answer("200 OK", body=_across(secret, 80).encode())),
        Answer("body, cut by little", expect, _answer("200 OK", body=_across(secret, 86).encode())),
        Answer("body, cut later", expect, _answer("200 OK", body=_across(secret, 200).encode())),
        Answer("body, raw C1", expect, _answer("200 OK", body=b"\x9b31m\x85\xff" + loud.encode())),
        Answer("json", expect_json, _answer("200 OK", body=f'{{"status": "{_json(loud)}"}}'.encode())),
        Answer("json, nested", expect_json, _answer("200 OK", body=f'{{"status": [{{"{nested}": 1}}]}}'.encode())),
        Answer("json, half a character", expect_json, _answer("200 OK", body=b'{"status": "\\ud800\\u001b[1m"}')),
        Answer("json, cut", expect_json, _answer("200 OK", body=f'{{"status": "{_across(secret, 200)}"}}'.encode())),
        Answer("no JSON", expect_json, _answer("200 OK", body=loud.encode())),
        Answer("no JSON, cut", expect_json, _answer("200 OK", body=_across(secret, 80).encode())),
    )


def _echo(variant: Variant) -> str:
    return " ".join(form for secret in variant.secrets for form in forms(secret))


def _loud(variant: Variant) -> str:
    secret = variant.secrets[0]
    hidden = "\x1b[0m".join((secret[:8], secret[8:]))  # whole again when the escape between is gone
    return f"{hidden} {ESCAPES} {_echo(variant)} {ESCAPES}"


def _answer(status: str, *lines: str, body: bytes = b"") -> bytes:
    head = "\r\n".join((f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}", "", ""))
    return head.encode() + body


def _chunked(text: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{text}".encode()


def _redirect(location: str) -> bytes:
    return _answer("302 Found", f"Location: {location}")


def _line(text: str) -> str:
    """The part of a text that does not end the line it stands in."""
    return "".join(char for char in text if char not in "\r\n\0")


def _json(text: str) -> str:
    plain = (char for char in text if ord(char) < 0x10000)  # the others take two escapes
    return "".join(char if char.isalnum() or char == " " else f"\\u{ord(char):04x}" for char in plain)


def _across(secret: str, position: int) -> str:
    """A text that is cut through the midst of the secret by a limit of so many characters."""
    return "." * (position - len(secret) // 2 - 1) + " " + secret + " ."
