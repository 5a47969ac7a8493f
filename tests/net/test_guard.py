"""The allow list in the network: addresses, redirects, proxies."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from healthmon.core.allow import Allow
from healthmon.core.model import Cause, Failure, Outcome, Stage
from healthmon.net.guard import Guard
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from tests.campaign.places import resolving
from tests.campaign.servers import listening, silent
from tests.net.descriptors import leaving_no_socket
from tests.probes.http_server import OK, observe, redirect, replying, service

LOOPBACK = Allow(networks=("127.0.0.0/8",))
ONLY_ONE = Allow(networks=("127.0.0.1/32",))


@contextmanager
def guarded(allow: Allow, *addresses: str) -> Iterator[Network]:
    """A network that finds these addresses for any name, and connects only to what is allowed."""
    whole = Network(lookup=resolving(*addresses))
    try:
        yield whole.guarded(Guard(allow))
    finally:
        whole.close()


def local(message: str, stage: Stage = Stage.RESOLVE) -> Failure:
    """The failure of what this machine forbids."""
    return Failure(Cause.LOCAL, message, stage)


async def connected_to(network: Network, host: str, port: int, **reach: Any) -> str:
    """The address that was connected to."""
    with await network.connect(host, port, ReachOptions(**reach), Trace()) as sock:
        return str(sock.getpeername()[0])


async def refusal(network: Network, host: str, **reach: Any) -> str:
    """Why nothing was connected to; nothing listens on that port, and nothing must be asked."""
    with pytest.raises(ProbeFailed) as raised:
        await network.connect(host, 1, ReachOptions(**reach), Trace())
    assert raised.value.cause is Cause.LOCAL
    return raised.value.message


async def test_an_address_within_the_networks_is_connected_to() -> None:
    with guarded(LOOPBACK, "127.0.0.1") as network:
        async with listening(silent) as port:
            assert await connected_to(network, "127.0.0.1", port) == "127.0.0.1"
            assert await connected_to(network, "a.example", port) == "127.0.0.1"
            assert await connected_to(network, "a.example", port, resolve="127.0.0.1") == "127.0.0.1"


async def test_no_other_is() -> None:
    """Whether it was asked for, found, or set by `resolve`."""
    with guarded(ONLY_ONE, "127.0.0.2") as network:
        expected = "the address 127.0.0.2 is not in the module's allow list"
        assert await refusal(network, "127.0.0.2") == expected
        assert await refusal(network, "a.example") == expected
        assert await refusal(network, "127.0.0.1", resolve="127.0.0.2") == expected


async def test_of_several_addresses_only_those_within_are_tried() -> None:
    async with listening(silent) as port:
        with guarded(ONLY_ONE, "127.0.0.2", "::1", "127.0.0.1") as network:
            trace = Trace()
            (await network.connect("a.example", port, ReachOptions(), trace)).close()
    assert [(fact.name, fact.value) for fact in trace.outcome().facts] == [("ip", "127.0.0.1")]


async def test_those_that_are_not_are_named_as_far_as_they_are_few() -> None:
    with guarded(ONLY_ONE, "127.0.0.2", "::1") as network:
        assert await refusal(network, "a.example") == "the addresses 127.0.0.2, ::1 are not in the module's allow list"
    with guarded(ONLY_ONE, *(f"127.0.1.{number}" for number in range(1, 8))) as network:
        expected = "127.0.1.1, 127.0.1.2, 127.0.1.3, 127.0.1.4, 127.0.1.5 and 2 more"
        assert await refusal(network, "a.example") == f"the addresses {expected} are not in the module's allow list"


async def test_a_name_that_changes_its_address_gains_nothing() -> None:
    """DNS rebinding: the address that is judged is the one that is connected to, each time anew."""
    answers = iter(["127.0.0.1", "127.0.0.2"])

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        return resolving(next(answers))(host, port, family, type_)

    whole = Network(lookup=lookup)
    network = whole.guarded(Guard(ONLY_ONE))
    async with listening(silent) as port:
        assert await connected_to(network, "a.example", port) == "127.0.0.1"
        assert await refusal(network, "a.example") == "the address 127.0.0.2 is not in the module's allow list"
    whole.close()


@pytest.mark.parametrize(
    ("networks", "address", "admitted"),
    [
        (("127.0.0.0/8",), "::ffff:127.0.0.1", True),
        (("10.0.0.0/8",), "::ffff:127.0.0.1", False),
        (("::/0",), "::ffff:127.0.0.1", False),
        (("fe80::/10",), "fe80::1%2", True),
        (("2001:db8::/32",), "fe80::1%2", False),
        (("0.0.0.0/0",), "::1", False),
        (("10.0.0.0/8", "::1/128"), "::1", True),
    ],
)
async def test_an_address_is_judged_by_what_it_means(networks: tuple[str, ...], address: str, admitted: bool) -> None:
    """An IPv4 address that is written as an IPv6 one, or an address with a zone."""
    with guarded(Allow(networks=networks)) as network:
        if admitted:
            found = await network.resolve(address, 1, ReachOptions(), Trace())
            assert [info[4][0] for info in found] == [address.partition("%")[0]]
        else:
            assert await refusal(network, address) == f"the address {shown(address)} is not in the module's allow list"


def shown(address: str) -> str:
    """Without the zone, which is a number of its own in a socket address."""
    return address.partition("%")[0]


async def test_a_redirect_is_followed_only_to_what_is_listed() -> None:
    async with replying(OK) as target, replying(redirect(target.url("/secret?key=1"))) as server:
        urls = (server.url("/*"), target.url("/open"))
        with guarded(Allow(urls=urls)) as network:
            outcome = await observe(service(server.url(), follow_redirects=True), network)
        message = f"the redirect to {target.url('/secret')} is not in the module's allow list"
        assert outcome.failure == Failure(Cause.REDIRECT, message, Stage.TRANSFER)
        assert (outcome.fact("status"), outcome.fact("redirects"), target.asked) == (302, None, [])
        with guarded(Allow(urls=(*urls, target.url("/secret*")))) as network:
            outcome = await observe(service(server.url(), follow_redirects=True), network)
        assert (outcome.failure, outcome.fact("redirects"), len(target.asked)) == (None, 1, 1)


async def test_a_redirect_leads_to_no_address_that_is_not_listed() -> None:
    async with replying(OK) as target:
        elsewhere = target.url().replace("127.0.0.1", "127.0.0.2")
        async with replying(redirect(elsewhere)) as server:
            with guarded(ONLY_ONE) as network:
                outcome = await observe(service(server.url(), follow_redirects=True), network)
    assert outcome.failure == local("the address 127.0.0.2 is not in the module's allow list")
    assert target.asked == []


async def through_proxy(allow: Allow, url: str, found: str = "127.0.0.1") -> tuple[Outcome, int]:
    """What came of a service behind a proxy, and how often the proxy was asked."""
    async with leaving_no_socket(), replying(OK) as proxy:
        with guarded(allow, found) as network:
            outcome = await observe(service(url, proxy=proxy.url()), network)
        return outcome, len(proxy.asked)


async def test_the_proxy_is_the_modules_own_choice() -> None:
    """It need not be in the list."""
    outcome, asked = await through_proxy(Allow(networks=("10.0.0.0/8",)), "http://10.0.0.1/")
    assert (outcome.failure, outcome.fact("status"), asked) == (None, 200, 1)
    outcome, asked = await through_proxy(Allow(urls=("http://a.example/*",)), "http://a.example/")
    assert (outcome.failure, outcome.fact("status"), asked) == (None, 200, 1)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_is_asked_for_no_address_that_is_not_listed(scheme: str) -> None:
    outcome, asked = await through_proxy(LOOPBACK, f"{scheme}://10.0.0.1/")
    assert outcome.failure == local("the address 10.0.0.1 is not in the module's allow list")
    assert asked == 0


@pytest.mark.parametrize("host", ["a.example", "2130706433", "0x7f.1"])
async def test_a_proxy_is_asked_for_no_name_where_networks_are_listed(host: str) -> None:
    """What the proxy would make of it nobody here can know."""
    outcome, asked = await through_proxy(LOOPBACK, f"http://{host}/")
    message = f"the proxy would look up {host}, so its address cannot be held against the allow list"
    assert outcome.failure == local(message)
    assert asked == 0


async def test_a_view_shares_threads_and_contexts_and_leaves_the_network_open() -> None:
    whole = Network(lookup=resolving("127.0.0.1"))
    view = whole.guarded(Guard(Allow()))
    settings = TlsSettings()
    assert whole.tls_context(settings) is view.tls_context(settings)
    async with listening(silent) as port:
        assert await refusal(view, "127.0.0.1") == "the address 127.0.0.1 is not in the module's allow list"
        assert await connected_to(whole, "a.example", port) == "127.0.0.1"
    whole.close()
    await asyncio.sleep(0)
