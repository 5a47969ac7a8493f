"""The network as probes use it."""

import asyncio
import gc
import subprocess
import sys
from typing import Any

import pytest

from healthmon.core.model import Cause, Stage
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace
from tests.campaign.places import closed_port, resolving
from tests.campaign.servers import listening, silent
from tests.net.descriptors import leaving_no_socket

ANY = ReachOptions()


async def test_a_name_with_a_dead_and_a_living_address() -> None:
    network, trace = Network(lookup=resolving("::1", "127.0.0.1")), Trace()
    async with listening(silent) as port:
        with closed_port("::1", port), await network.connect("a.example", port, ANY, trace) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
    network.close()
    outcome = trace.outcome()
    assert [fact.name for fact in outcome.facts] == ["ip", "connect_errors"]
    assert outcome.timings.resolve is not None
    assert outcome.timings.connect is not None
    assert trace.stage is Stage.CONNECT


async def test_without_a_free_file_a_network_can_still_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check then tells that none is left."""

    def fail(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("healthmon.net.stamps.socket.socket.__init__", fail)
    network = Network()
    with pytest.raises(ProbeFailed) as caught:
        await network.connect("127.0.0.1", 1, ANY, Trace())
    network.close()
    assert caught.value.cause is Cause.LOCAL


@pytest.mark.parametrize(("ip", "address"), [("any", "::1"), ("4", "127.0.0.1"), ("6", "::1")])
async def test_the_family_of_the_address_can_be_chosen(ip: Any, address: str) -> None:
    network = Network(lookup=resolving("::1", "127.0.0.1"))
    async with listening(silent, address) as port:
        with await network.connect("a.example", port, ReachOptions(ip=ip), Trace()) as sock:
            assert sock.getpeername()[0] == address
    network.close()


async def test_a_given_address_is_used_in_place_of_the_name() -> None:
    network = Network(lookup=resolving())
    async with listening(silent) as port:
        with await network.connect("a.example", port, ReachOptions(resolve="127.0.0.1"), Trace()) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
    network.close()


async def test_every_connection_resolves_anew() -> None:
    asked: list[str] = []

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        asked.append(host)
        return resolving("127.0.0.1")(host, port, family, type_)

    network = Network(lookup=lookup)
    async with listening(silent) as port:
        for _ in range(3):
            (await network.connect("a.example", port, ANY, Trace())).close()
    network.close()
    assert asked == ["a.example"] * 3


async def test_a_name_of_this_machine_is_resolved_by_the_system(network: Network) -> None:
    async with listening(silent) as port:
        with await network.connect("localhost", port, ReachOptions(ip="4"), Trace()) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)


async def test_a_failure_leaves_its_stage() -> None:
    network, trace = Network(lookup=resolving()), Trace()
    with pytest.raises(ProbeFailed) as raised:
        await network.connect("a.example", 9, ANY, trace)
    network.close()
    assert (raised.value.cause, trace.stage) == (Cause.DNS, Stage.RESOLVE)


async def test_a_network_leaves_no_socket_whether_closed_or_forgotten() -> None:
    async with leaving_no_socket():
        Network().close()
        forgotten = Network()
        del forgotten
        gc.collect()
        await asyncio.sleep(0)


def test_the_table_of_probes_is_read_without_the_modules_of_the_network() -> None:
    """`healthmon validate` and `--help` read the options of the probes, and start fast."""
    program = (
        "import sys, healthmon.probes.tcp, healthmon.probes.tls;"
        "print(sorted({'asyncio', 'ssl', 'aiohappyeyeballs', 'cryptography'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "[]\n"
