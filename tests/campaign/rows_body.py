"""Faults of the body: each once with an expectation that needs it, and once without."""

import gzip

from healthmon.core.model import Cause, Verdict
from tests.campaign.answers import CHUNKED, UNTIL_CLOSED, announcing, with_body
from tests.campaign.row import SILENCE, Row, body_fault
from tests.campaign.servers import byte_by_byte, endless, reset, saying, serving, silent

UP, DOWN = Verdict.UP, Verdict.DOWN
GZIP = b"Content-Encoding: gzip"
BOMB = gzip.compress(b"ok" + bytes(20_000_000))
EXPECT_STATUS = 'expect.json.status = "ok"'

BODY_ROWS = (
    *body_fault(
        "Body byte by byte",
        serving(saying(announcing(b"1000"), then=byte_by_byte(b"o" * 1000))),
        Cause.TIMEOUT,
        "The answer began and was not finished in time.",
        timeout=SILENCE,
    ),
    *body_fault(
        "Silence in the body",
        serving(saying(announcing(b"1000") + b"ok", then=silent)),
        Cause.TIMEOUT,
        "The answer began and was not finished in time.",
        timeout=SILENCE,
    ),
    *body_fault(
        "Endless body",
        serving(saying(UNTIL_CLOSED, then=endless(b"ok" * 8192))),
        Cause.TOO_LARGE,
        "Reading stops at `body_limit`.",
    ),
    *body_fault(
        "Endless chunks",
        serving(saying(CHUNKED, then=endless(b"2000\r\n" + b"ok" * 4096 + b"\r\n"))),
        Cause.TOO_LARGE,
        "Reading stops at `body_limit`.",
    ),
    *body_fault(
        "Body larger than its limit",
        serving(saying(with_body(b"ok" * 1000))),
        Cause.TOO_LARGE,
        "What is not read whole meets no expectation, not even one that its beginning would meet.",
        keys='expect.body.contains = "ok"\nbody_limit = "1kB"',
    ),
    *body_fault(
        "Reset during the body",
        serving(saying(announcing(b"1000") + b"ok", then=reset)),
        Cause.RESET,
        "The connection broke before the end of the answer.",
    ),
    *body_fault(
        "Content-Length too long",
        serving(saying(announcing(b"1000") + b"ok")),
        Cause.RESET,
        "The server closed the connection before the end that it had announced.",
    ),
    *body_fault(
        "Content-Length too short",
        serving(saying(announcing(b"10") + b'{"status": "ok"}')),
        Cause.JSON,
        "The body ends where the headers say, which is in the midst of the document.",
        keys=EXPECT_STATUS,
    ),
    *body_fault(
        "Chunk size not a number",
        serving(saying(CHUNKED + b"two\r\nok\r\n0\r\n\r\n")),
        Cause.PROTOCOL,
        "Where the body ends cannot be told.",
    ),
    *body_fault(
        "Chunk size that no machine can hold",
        serving(saying(CHUNKED + b"fffffffffffffffff\r\nok\r\n0\r\n\r\n")),
        Cause.PROTOCOL,
        "Where the body ends cannot be told.",
    ),
    *body_fault(
        "Chunk longer than its size",
        serving(saying(CHUNKED + b"2\r\nok and more\r\n0\r\n\r\n")),
        Cause.PROTOCOL,
        "Where the body ends cannot be told.",
    ),
    *body_fault(
        "Closed before the last chunk",
        serving(saying(CHUNKED + b"2\r\nok\r\n")),
        Cause.RESET,
        "The chunk of length 0 that ends a body never came.",
    ),
    *body_fault(
        "Gzip bomb",
        serving(saying(with_body(BOMB, GZIP))),
        Cause.TOO_LARGE,
        "`body_limit` counts what comes out of the decompression, and no more than that is ever made.",
    ),
    *body_fault(
        "Truncated gzip",
        serving(saying(with_body(gzip.compress(b"ok" * 100)[:-12], GZIP))),
        Cause.PROTOCOL,
        "The body is whole, and what was compressed in it is not.",
    ),
    *body_fault(
        "Gzip announced, not sent",
        serving(saying(with_body(b"ok", GZIP))),
        Cause.PROTOCOL,
        "The body is not what its headers say.",
    ),
    *body_fault(
        "Brotli announced, not sent",
        serving(saying(with_body(b"ok", b"Content-Encoding: br"))),
        Cause.PROTOCOL,
        "The body is not what its headers say, and Brotli is not supported.",
    ),
    *body_fault(
        "Encoding that nobody knows",
        serving(saying(with_body(b"ok", b"Content-Encoding: rot13"))),
        Cause.PROTOCOL,
        "A body that cannot be decoded cannot be read.",
    ),
    Row(
        "Gzip as it should be",
        serving(saying(with_body(gzip.compress(b"ok"), GZIP))),
        UP,
        None,
        "Expectations see the decompressed body.",
        keys='expect.body.matches = "^ok$"',
    ),
    *body_fault(
        "Empty body",
        serving(saying(with_body(b""))),
        Cause.BODY,
        "There is nothing in it.",
    ),
    *body_fault(
        "Another body",
        serving(saying(with_body(b"<h1>502 Bad Gateway</h1>"))),
        Cause.BODY,
        "A front end that answers 200 with an error page is found out by its body only.",
    ),
    Row(
        "Unwanted text in the body",
        serving(saying(with_body(b"database is locked"))),
        DOWN,
        Cause.BODY,
        "The body holds what it must not hold.",
        keys='expect.body.not_contains = "locked"',
    ),
    Row(
        "Pattern that takes for ever elsewhere",
        serving(saying(with_body(b"a" * 5000 + b"!"))),
        DOWN,
        Cause.BODY,
        "Patterns are searched in linear time.",
        keys='expect.body.matches = "(a+)+$"',
    ),
    Row(
        "Body in Latin-1, declared",
        serving(saying(with_body("bientôt prêt".encode("latin-1"), b"Content-Type: text/plain; charset=iso-8859-1"))),
        UP,
        None,
        "The declared character set is used.",
        keys='expect.body.contains = "prêt"',
    ),
    Row(
        "Body that is not UTF-8",
        serving(saying(with_body(b"\xff\xfe ok \x80"))),
        UP,
        None,
        "What cannot be decoded does not hide what can.",
        keys='expect.body.contains = "ok"',
    ),
    *(
        Row(
            f"Character set {charset!r}",
            serving(saying(with_body(b"ok", b"Content-Type: text/plain; charset=" + charset.encode()))),
            UP,
            None,
            "What is no character set of texts is read as UTF-8.",
            keys='expect.body.contains = "ok"',
        )
        for charset in ("utf-99", "hex", "undefined", "idna", "unicode_escape")
    ),
    *body_fault(
        "JSON that is not",
        serving(saying(with_body(b"<html>It works</html>"))),
        Cause.JSON,
        "What is not JSON meets no expectation on JSON.",
        keys=EXPECT_STATUS,
    ),
    *body_fault(
        "JSON with a missing key",
        serving(saying(with_body(b'{"state": "ok"}'))),
        Cause.JSON,
        "A key that is missing meets no expectation.",
        keys=EXPECT_STATUS,
    ),
    *body_fault(
        "JSON with another type",
        serving(saying(with_body(b'{"ready": 1}'))),
        Cause.JSON,
        "1 is not true.",
        keys="expect.json.ready = true",
    ),
    *body_fault(
        "JSON of null",
        serving(saying(with_body(b'{"errors": null}'))),
        Cause.JSON,
        "null is neither less nor more than a number.",
        keys="expect.json.errors = { lt = 1 }",
    ),
    *body_fault(
        "JSON nested 100,000 deep",
        serving(saying(with_body(b"[" * 100_000))),
        Cause.JSON,
        "It cannot be read, and harms nobody.",
        keys=EXPECT_STATUS,
    ),
    *body_fault(
        "JSON with a number of 10,000 digits",
        serving(saying(with_body(b'{"n": ' + b"9" * 10_000 + b"}"))),
        Cause.JSON,
        "It cannot be read as a number.",
        keys="expect.json.n = 9",
    ),
    *body_fault(
        "JSON with NaN",
        serving(saying(with_body(b'{"n": NaN}'))),
        Cause.JSON,
        "NaN is not JSON (RFC 8259, 6).",
        keys="expect.json.n = { lt = 1 }",
    ),
    *body_fault(
        "JSON that is not UTF-8",
        serving(saying(with_body(b'{"status": "\xff"}'))),
        Cause.JSON,
        "JSON is UTF-8 (RFC 8259, 8.1).",
        keys='expect.json.status = { ne = "down" }',
    ),
    Row(
        "JSON with a byte order mark",
        serving(saying(with_body(b'\xef\xbb\xbf{"status": "ok"}'))),
        UP,
        None,
        "A reader may pass the mark over (RFC 8259, 8.1).",
        keys=EXPECT_STATUS,
    ),
)
