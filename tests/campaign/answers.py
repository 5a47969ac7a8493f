"""Answers that the servers give, as the bytes on the wire."""

STATUS = b"HTTP/1.1 200 OK\r\n"
OK = STATUS + b"Content-Length: 2\r\n\r\nok"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = STATUS + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSED = STATUS + b"Connection: close\r\n\r\n"

# Frames that open an HTTP/2 connection: SETTINGS, then GOAWAY (RFC 9113, 6.5 and 6.8).
HTTP2 = bytes.fromhex("000000040000000000" + "000008070000000000" + "0000000000000001")


def with_header(line: bytes) -> bytes:
    """A good answer with one more line among its headers."""
    return STATUS + line + b"\r\nContent-Length: 2\r\n\r\nok"


def with_status(status: bytes, *headers: bytes) -> bytes:
    """An answer without a body."""
    return b"\r\n".join((b"HTTP/1.1 " + status, *headers, b"Content-Length: 0", b"", b""))


def with_body(body: bytes, header: bytes = b"Content-Type: text/plain") -> bytes:
    """A good answer with this body."""
    return STATUS + b"%b\r\nContent-Length: %d\r\n\r\n%b" % (header, len(body), body)


def announcing(length: bytes) -> bytes:
    """The head of an answer with this Content-Length."""
    return STATUS + b"Content-Length: " + length + b"\r\n\r\n"


def redirecting(location: bytes, status: bytes = b"302 Found") -> bytes:
    """A redirect."""
    return with_status(status, b"Location: " + location)
