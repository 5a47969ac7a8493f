"""What a diagnosis looks at."""

import asyncio
import socket
import threading
from typing import Any

import pytest
from msgspec import structs

from healthmon.engine.diagnosis.evidence import Place, find_place, gather
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.probes import PROBES
from tests.engine.diagnosis.make import service


def test_the_place_is_that_of_the_service() -> None:
    place = find_place(service("https://www.example.com/", 'ip = "4"'))
    assert (place.host, place.port, place.reach.ip, place.proxy) == ("www.example.com", 443, "4", False)


@pytest.mark.parametrize(("proxy", "port"), [("http://p.example.com", 80), ("http://p.example.com:3128", 3128)])
def test_the_place_is_that_of_the_proxy(proxy: str, port: int) -> None:
    place = find_place(service("https://www.example.com/", f'proxy = "{proxy}"'))
    assert Place("p.example.com", port, ReachOptions(), proxy=True) == place


async def test_a_name_that_is_gone_at_the_second_look_leaves_the_address_of_the_check() -> None:
    """Then there is still the check's own evidence to tell."""
    lookups: list[str] = []

    def lookup(host: str, port: int, *_: int) -> list[Any]:
        lookups.append(host)
        if len(lookups) > 1:
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    network = Network(lookup=lookup)
    with socket.create_server(("127.0.0.1", 0)) as server:
        checked = service(f"tcp://www.example.com:{server.getsockname()[1]}")
        evidence = await gather(checked, probe=PROBES["tcp"], network=network, others=())
    network.close()
    assert lookups == ["www.example.com"] * 2
    assert [attempt.ip for attempt in evidence.attempts] == ["127.0.0.1"]
    assert evidence.attempts[0].connected


async def test_a_resolver_that_hangs_is_waited_for_once() -> None:
    released = threading.Event()
    lookups: list[str] = []

    def lookup(host: str, *_: object) -> list[Any]:
        lookups.append(host)
        released.wait(30)
        return []

    network = Network(lookup=lookup)
    checked = structs.replace(service("tcp://www.example.com:8001"), timeout=0.2)
    try:
        async with asyncio.timeout(5):
            evidence = await gather(checked, probe=PROBES["tcp"], network=network, others=())
    finally:
        released.set()
        network.close()
    assert evidence.attempts == ()
    assert len(lookups) == 1


async def test_the_last_attempt_is_what_is_told() -> None:
    """As in the check: with retries, the last attempt is what is reported."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        checked = service(f"tcp://127.0.0.1:{closed.getsockname()[1]}", "retries = 2")
        network = Network()
        evidence = await gather(checked, probe=PROBES["tcp"], network=network, others=())
        network.close()
    assert evidence.result.attempts == 3
    assert evidence.attempts[0].problem == "connection refused"


async def test_a_connection_that_does_not_end_has_no_time() -> None:
    """A listener whose queue is full drops what comes, as a firewall does."""
    with socket.socket() as full, socket.socket() as first:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        first.connect(full.getsockname())
        checked = structs.replace(service(f"tcp://127.0.0.1:{full.getsockname()[1]}"), timeout=0.3)
        network = Network()
        async with asyncio.timeout(5):
            evidence = await gather(checked, probe=PROBES["tcp"], network=network, others=())
        network.close()
    assert [(one.seconds, one.problem) for one in evidence.attempts] == [(None, "no connection within 0.3 s")]
