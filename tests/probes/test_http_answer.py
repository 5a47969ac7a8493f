"""What an HTTP probe makes of answers: facts, bodies, stages, and the words for what is wrong."""

import asyncio
import gzip
import tracemalloc
import zlib
from typing import Any

import pytest

from healthmon.core.model import Body
from tests.net.descriptors import leaving_no_socket
from tests.probes.http_server import OK, Asked, Talk, failed, fresh_network, observe, replying, service, talking

HEAD = b"HTTP/1.1 200 OK\r\n"


def gzipped(data: bytes, head: bytes = HEAD) -> bytes:
    """An answer with a compressed body that ends with the connection."""
    return head + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(data)


async def test_facts_of_a_plain_answer_in_order() -> None:
    """The headers decide: without a body expectation the body is not read."""
    async with replying(OK) as server:
        outcome = await observe(service(server.url()))
    assert outcome.failure is None
    facts = [(fact.name, fact.value) for fact in outcome.facts if fact.name != "clock"]
    assert facts == [
        ("ip", "127.0.0.1"),
        ("status", 200),
        ("http_version", "1.1"),
        ("content_type", "text/plain; charset=utf-8"),
    ]
    assert outcome.fact("clock") in ("kernel", "user")
    assert outcome.body is None
    assert outcome.headers == (("Content-Length", "5"), ("Content-Type", "text/plain; charset=utf-8"))
    timings = outcome.timings
    assert timings.resolve is None
    assert timings.tls is None
    assert timings.connect is not None
    assert timings.wait is not None
    assert timings.transfer is not None


async def test_a_body_that_is_needed_is_read() -> None:
    """With its character set, and its size as a fact."""
    async with replying(OK) as server:
        outcome = await observe(service(server.url(), need_body=True))
    assert Body(b"hello", complete=True, charset="utf-8") == outcome.body
    assert outcome.fact("body_bytes") == 5


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nhello", 200, b"hello"),
        (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello"),
        (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, b"hello"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: t\r\n\r\n", 200, b"hello"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"hello"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", 204, None),
        (b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\nhello", 204, None),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, None),
        (HEAD + b"Content-Length: 5\r\n\r\nhello and more than that", 200, b"hello"),
        (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81", 101, None),
        (gzipped(b"hello"), 200, b"hello"),
        (gzipped(b"hel") + gzip.compress(b"lo") + bytes(8), 200, b"hello"),
        (HEAD + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(b"hello"), 200, b"hello"),
        (HEAD + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(b"hello")[2:-4], 200, b"hello"),
        (HEAD + b"Content-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello"),
        (gzipped(gzip.compress(b"hello"), HEAD + b"Content-Encoding: gzip\r\n"), 200, b"hello"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", 200, b""),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999, b""),
    ],
)
async def test_valid_answers(answer: bytes, status: int, body: bytes | None) -> None:
    """Odd ones too, in one packet or byte by byte, with the body or without."""

    async def drip(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for index in range(len(answer)):
            writer.write(answer[index : index + 1])
            await asyncio.sleep(0)

    async with replying(answer) as whole, talking(drip) as dripping:
        for server in (whole, dripping):
            outcome = await observe(service(server.url(), need_body=True))
            assert (None, status) == (failed(outcome), outcome.fact("status"))
            assert (None if body is None else Body(body)) == (
                outcome.body and Body(outcome.body.content, outcome.body.complete)
            )
            without = await observe(service(server.url()))
            assert (None, status, None) == (failed(without), without.fact("status"), without.body)


async def test_the_answer_to_head_has_no_body() -> None:
    """Not even an empty one: no expectation shall pass because nothing was there."""
    async with replying(OK) as server:
        outcome = await observe(service(server.url(), need_body=True, method="HEAD"))
    assert (failed(outcome), outcome.body, outcome.fact("body_bytes")) == (None, None, None)


BROKEN_HEADS = [
    (b"SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP answer: SSH-2.0-OpenSSH_9.2"),
    (b"\x15\x03\x01\x00\x02\x02\x46", "answered with TLS to plain HTTP"),
    (b"ICY 200 OK\r\n\r\n", "not an HTTP answer: ICY 200 OK"),
    (b"HTTP/2 200 OK\r\n\r\n", "not a valid status line: HTTP/2 200 OK"),
    (b"HTTP/1.1 99 OK\r\n\r\n", "not a valid status line: HTTP/1.1 99 OK"),
    (HEAD + b"no colon\r\n\r\n", "not a valid answer: Invalid header token"),
    (HEAD + b"Content-Length: five\r\n\r\n", "not a valid answer: Invalid character in Content-Length"),
    (HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n", "a header is longer than 64 KiB"),
    (HEAD + b"X: y\r\n" * 300, "not a valid answer: Too many headers received"),
    (HEAD + (b"X: " + b"x" * 60_000 + b"\r\n") * 5, "the headers are longer than 256 KiB"),
    (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000, "the headers are longer than 256 KiB"),
]


@pytest.mark.parametrize(("answer", "message"), BROKEN_HEADS)
async def test_heads_that_are_not_valid(answer: bytes, message: str) -> None:
    """A broken protocol, with what was met; whether or not the body is needed."""
    async with replying(answer) as server:
        for need_body in (True, False):
            outcome = await observe(service(server.url(), need_body=need_body))
            assert ("protocol", message, "transfer") == failed(outcome)
            assert outcome.fact("status") is None


HELLO = gzip.compress(b"hello")

BROKEN_BODIES = [
    (b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n", "protocol", "not a valid answer: Invalid", b""),
    (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "reset", "connection closed in the middle", b"hello"),
    (b"Content-Length: 50\r\n\r\nhello", "reset", "connection closed after 5 of 50 bytes", b"hello"),
    (b"Content-Encoding: gzip\r\n\r\nhello", "protocol", "the body is not valid gzip", b""),
    (b"Content-Encoding: gzip\r\n\r\n" + HELLO[:-4], "protocol", "the body's gzip data is cut off", b"hello"),
    (b"Content-Encoding: gzip\r\n\r\n" + HELLO + b"more", "protocol", "the body is not valid gzip", b"hello"),
    (b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(b"hello")[:-5], "protocol", "the body's deflate", b"hello"),
    (b"Content-Encoding: br\r\n\r\nhello", "protocol", "the body's encoding is not supported: br", b""),
]


@pytest.mark.parametrize(("rest", "cause", "message", "read"), BROKEN_BODIES)
@pytest.mark.parametrize("apart", [False, True], ids=["in one packet", "apart"])
async def test_bodies_that_are_not_valid(rest: bytes, cause: str, message: str, read: bytes, *, apart: bool) -> None:
    """The status is known however the packets fall, and what was read is kept; without need, the headers decide."""
    head, blank, body = (HEAD + rest).partition(b"\r\n\r\n")

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head + blank)
        if apart:
            await asyncio.sleep(0.01)
        writer.write(body)

    async with talking(talk) as server:
        outcome = await observe(service(server.url(), need_body=True))
        assert outcome.failure is not None
        assert (cause, "transfer", 200) == (outcome.failure.cause, outcome.failure.stage, outcome.fact("status"))
        assert outcome.failure.message.startswith(message)
        assert outcome.body is not None
        assert (read[: len(outcome.body.content)], False) == (outcome.body.content, outcome.body.complete)
        without = await observe(service(server.url()))
        assert (failed(without), without.fact("status")) == (None, 200)


async def test_a_body_larger_than_the_limit() -> None:
    """Exactly the limit is kept; one byte more is too large."""
    async with replying(OK) as server:
        outcome = await observe(service(server.url(), need_body=True, body_limit=5))
        assert (None, Body(b"hello", complete=True, charset="utf-8")) == (failed(outcome), outcome.body)
        outcome = await observe(service(server.url(), need_body=True, body_limit=4))
        assert failed(outcome) == ("too_large", "the body is larger than 4 bytes", "transfer")
        assert Body(b"hell", complete=False, charset="utf-8") == outcome.body


async def test_a_bomb_costs_no_more_than_the_limit() -> None:
    """100 MiB of zeros in 100 KiB, unfolded to 1 MiB at most."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([*(packer.compress(bytes(2**20)) for _ in range(100)), packer.flush()])
    async with replying(HEAD + b"Content-Encoding: gzip\r\n\r\n" + bomb) as server:
        await observe(service(server.url(), need_body=True))
        tracemalloc.start()
        outcome = await observe(service(server.url(), need_body=True))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert failed(outcome) == ("too_large", "the body is larger than 1 MiB", "transfer")
    assert outcome.body is not None
    assert len(outcome.body.content) == 2**20
    assert peak < 8 * 2**20


async def test_a_connection_closed_or_reset_before_the_answer() -> None:
    """Nothing came: the request may not even have been read."""

    async def close(asked: Asked, writer: asyncio.StreamWriter) -> None:
        pass

    async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
        _reset(writer)

    async with talking(close) as server:
        outcome = await observe(service(server.url()))
        assert failed(outcome) == ("reset", "connection closed without an answer", "wait")
        assert outcome.timings.wait is None
        assert len(server.asked) == 1, "a request is never sent a second time"
    async with talking(reset) as server:
        outcome = await observe(service(server.url(), method="POST", body="x"))
        assert failed(outcome) == ("reset", "connection reset without an answer", "wait")


@pytest.mark.parametrize("framing", [b"", b"Content-Length: 50\r\n"])
async def test_a_reset_during_the_body(framing: bytes) -> None:
    """Even where the end of the connection is the end of the body, a reset is not the end of it."""

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + framing + b"\r\nhel")
        await asyncio.sleep(0.02)
        _reset(writer)

    async with talking(talk) as server:
        outcome = await observe(service(server.url(), need_body=True))
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.fact("status")) == ("reset", 200)
    assert outcome.body is not None
    assert (outcome.body.content, outcome.body.complete) == (b"hel", False)


def _reset(writer: asyncio.StreamWriter) -> None:
    import socket
    import struct

    sock = writer.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_server_that_speaks_first_speaks_no_http() -> None:
    """Whether its greeting comes before the request or after."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listening:
        outcome = await observe(service(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"))
        await asyncio.sleep(0)
    assert failed(outcome) == ("protocol", "not an HTTP answer: 220 mail.example.com ESMTP", "transfer")


async def test_a_headers_end_that_never_comes() -> None:
    """The connection is closed in the middle of the headers."""
    async with replying(HEAD + b"Content-Ty") as server:
        outcome = await observe(service(server.url()))
    assert failed(outcome) == ("reset", "connection closed in the middle of the answer", "transfer")


@pytest.mark.parametrize(
    ("begin", "cause", "stage"),
    [(b"", "no_response", "wait"), (b"H", "timeout", "transfer"), (HEAD + b"X-Slow: ", "timeout", "transfer")],
)
async def test_silence_is_no_response_and_a_beginning_is_a_timeout(begin: bytes, cause: str, stage: str) -> None:
    """The stage in which the time was over tells how far the answer came."""
    async with leaving_no_socket(), talking(_saying(begin)) as server:
        outcome = await observe(service(server.url(), timeout=0.2))
        assert outcome.failure is not None
        assert (cause, stage) == (outcome.failure.cause, outcome.failure.stage)
        assert bool(begin) == (outcome.timings.wait is not None)


async def test_a_body_that_does_not_end_in_time() -> None:
    """The status and what came of the body are known."""
    async with talking(_saying(HEAD + b"Content-Length: 50\r\n\r\nhello")) as server:
        outcome = await observe(service(server.url(), need_body=True, timeout=0.2))
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.failure.stage, outcome.fact("status")) == ("timeout", "transfer", 200)
    assert Body(b"hello", complete=False) == outcome.body


def _saying(begin: bytes) -> Talk:
    """What a server does that says this and nothing more."""

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        await asyncio.Event().wait()

    return talk


async def test_an_answer_before_the_request_is_read_ends_the_sending() -> None:
    """A server may refuse a body while it is still being sent."""
    done = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await done.wait()
        writer.transport.abort()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        tasks = asyncio.all_tasks()
        outcome = await observe(service(f"http://127.0.0.1:{port}/", method="POST", body="x" * 30_000_000))
        assert (failed(outcome), outcome.fact("status")) == (None, 413)
        await asyncio.sleep(0)
        assert [_name(task) for task in asyncio.all_tasks() - tasks] == ["refuse"]
        done.set()
        await asyncio.sleep(0)


def _name(task: "asyncio.Task[Any]") -> str:
    return str(getattr(task.get_coro(), "__name__", ""))


async def test_nothing_is_left_open() -> None:
    """No socket and no task outlives a probe, whether it succeeds, stops early, or fails."""
    large_answer = HEAD + b"\r\n" + bytes(3_000_000)
    async with replying(OK) as good, replying(large_answer) as large, replying(b"nonsense") as bad:
        with fresh_network() as network:
            await observe(service(good.url()), network)
            async with leaving_no_socket():
                tasks = len(asyncio.all_tasks())
                for server in (good, large, bad):
                    for need_body in (True, False):
                        await observe(service(server.url(), need_body=need_body), network)
                for _ in range(5):
                    await asyncio.sleep(0)
                assert tasks >= len([task for task in asyncio.all_tasks() if not task.done()])
