"""The servers at work, over real sockets."""

import asyncio
import errno
import random
import socket

import msgspec
import pytest

from healthmon.demo import SERVICES, running
from healthmon.demo.server import GARBAGE
from healthmon.errors import PortInUse, UsageError


async def ask(port: int, request: bytes = b"GET /health HTTP/1.1\r\nHost: demo\r\n\r\n") -> bytes:
    """All that a server sends until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    """The status code of an answer."""
    return int(answer.split(b" ", 2)[1])


async def test_all_services_answer_as_the_table_says() -> None:
    async with running(ports="free") as ports:
        assert [service.id for service in SERVICES] == list(ports)
        for service in SERVICES:
            request = f"GET {service.path} HTTP/1.1\r\nHost: demo\r\n\r\n".encode()
            head, _, body = (await ask(ports[service.id], request)).partition(b"\r\n\r\n")
            assert service.answer.status == status_of(head)
            assert service.answer.body == body


async def test_a_phase_starts_only_its_services() -> None:
    async with running(ports="free", phase=2) as ports:
        assert {"saleor", "brain", "wagtail", "auth"} == set(ports)


@pytest.mark.parametrize("fault", ["503", "500", "404"])
async def test_a_number_is_the_status(fault: str) -> None:
    async with running(ports="free", faults={"brain": fault}) as ports:
        assert int(fault) == status_of(await ask(ports["brain"]))


async def test_wrong_json_says_200_and_unhealthy() -> None:
    async with running(ports="free", faults={"brain": "wrong-json"}) as ports:
        head, _, body = (await ask(ports["brain"])).partition(b"\r\n\r\n")
    assert status_of(head) == 200
    assert msgspec.json.decode(body)["status"] == "unhealthy"


async def test_reset_sends_rst() -> None:
    async with running(ports="free", faults={"brain": "reset"}) as ports:
        with pytest.raises(ConnectionResetError):
            await ask(ports["brain"])


async def test_garbage_is_not_http() -> None:
    async with running(ports="free", faults={"brain": "garbage"}) as ports:
        assert await ask(ports["brain"]) == GARBAGE


async def test_closed_keeps_the_port_and_refuses() -> None:
    async with running(ports="free", faults={"brain": "closed"}) as ports:
        with pytest.raises(ConnectionRefusedError):
            await ask(ports["brain"])


async def test_hang_takes_the_request_and_says_nothing() -> None:
    """The connection stays open until the demo ends, which drops it."""
    async with running(ports="free", faults={"brain": "hang"}) as ports:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["brain"])
        writer.write(b"GET /health HTTP/1.1\r\nHost: demo\r\n\r\n")
        silence = asyncio.create_task(reader.read())
        # Another service answers meanwhile, so the silence is not that of a loop that did not run.
        await ask(ports["auth"])
        assert not silence.done()
    assert await silence == b""
    writer.close()


async def test_slow_waits_before_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The delay is the table's, replaced by a short one here; that it is waited is what counts."""
    monkeypatch.setattr("healthmon.demo.server.SLOW_DELAY", 0.3)
    loop = asyncio.get_running_loop()
    async with running(ports="free", faults={"brain": "slow"}) as ports:
        begun = loop.time()
        answer = await ask(ports["brain"])
    assert status_of(answer) == 200
    assert loop.time() - begun >= 0.3


async def test_what_is_no_request_is_answered_with_400() -> None:
    async with running(ports="free") as ports:
        assert status_of(await ask(ports["brain"], b"HELO example.com\r\n\r\n")) == 400


async def test_an_endless_head_is_refused() -> None:
    async with running(ports="free") as ports:
        answer = await ask(ports["brain"], b"GET /health HTTP/1.1\r\nX: " + b"x" * 2**17)
        assert status_of(answer) == 431


async def test_a_client_that_leaves_harms_nobody() -> None:
    async with running(ports="free") as ports:
        _, writer = await asyncio.open_connection("127.0.0.1", ports["brain"])
        writer.write(b"GET /hea")
        writer.close()
        await writer.wait_closed()
        assert status_of(await ask(ports["brain"])) == 200


async def test_post_with_a_body_gets_its_answer() -> None:
    """A body left unread would turn the answer into a reset."""
    async with running(ports="free") as ports:
        request = b"POST /health HTTP/1.1\r\nHost: demo\r\nContent-Length: 60000\r\n\r\n" + b"x" * 60000
        assert status_of(await ask(ports["brain"], request)) == 405


async def test_a_port_in_use_is_named_with_its_owner_and_nothing_is_started() -> None:
    host = "127." + ".".join(str(random.randrange(2, 250)) for _ in range(3))  # where nobody has the real ports
    with socket.create_server((host, 8006)) as taken:
        with pytest.raises(PortInUse) as caught:
            async with running(host=host):
                pass
        assert f"Port 8006 on {host} is already in use by " in str(caught.value)
        assert "(pid " in str(caught.value)
        assert "--host 127.0.0.2" in str(caught.value)
        with socket.socket() as visitor:
            assert visitor.connect_ex((host, 8000)) == errno.ECONNREFUSED
        taken.close()
        async with running(host=host) as ports:
            assert ports["auth"] == 8006


async def test_an_unknown_fault_starts_nothing() -> None:
    with pytest.raises(UsageError):
        async with running(ports="free", faults={"brain": "503s"}):
            pass
