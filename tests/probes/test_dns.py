"""DNS, asked of the real bind9 and dnsmasq, and of servers that lie."""

import asyncio
import contextlib
import os
import signal
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.allow import allowed
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.dns.query import Query, Strange
from healthmon.net.dns.question import Question
from healthmon.net.guard import Guard
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed
from healthmon.probes.dns import DNS, asked
from tests.campaign.servers import Handler, listening
from tests.net.descriptors import leaving_no_socket
from tests.programs.dns import dnsmasq, free_port, named


@pytest.fixture(scope="module")
def bind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The port of a running bind9, and its process' number."""
    with named(tmp_path_factory.mktemp("named")) as found:
        yield found


def service(url: str, keys: str = "") -> Service:
    """A service, as the config makes it."""
    (one,) = parse(f'[[services]]\nname = "Names"\nurl = "{url}"\n{keys}').services
    return one


async def checked(tested: Service, network: Network) -> Result:
    """The service's check, which leaves nothing open."""
    async with leaving_no_socket():
        return await check(tested, probe=DNS, network=network)


def told(result: Result) -> tuple[Cause | None, str, str | None]:
    """What is said of it."""
    return result.cause, result.message, result.symptom


async def test_it_is_up(bind: tuple[int, int], network: Network) -> None:
    result = await checked(service(f"dns://127.0.0.1:{bind[0]}/www.good.example"), network)
    assert (result.verdict, result.message) == (Verdict.UP, "NOERROR, 2 records")
    facts = {fact.name: fact.value for fact in result.facts}
    assert facts.pop("clock") in ("kernel", "user")
    assert facts == {
        "ip": "127.0.0.1",
        "transport": "udp",
        "truncated": False,
        "rcode": "NOERROR",
        "records": ("192.0.2.1", "192.0.2.2"),
        "ttl": 300,
        "answers": 2,
        "authority": 0,
        "additional": 0,
        "authoritative": True,
    }
    assert result.timings.wait is not None
    assert result.timings.connect is None


@pytest.mark.parametrize(
    ("question", "records"),
    [
        ("www.good.example?type=AAAA", ("2001:db8::1",)),
        ("good.example?type=mx", ("10 mail.good.example.",)),
        ("good.example?type=TXT", ("v=spf1 ip4:192.0.2.0/24 -all",)),
        ("good.example?type=NS", ("ns.good.example.",)),
        ("good.example?type=CAA", ('0 issue "ca.example"',)),
        ("_sip._tcp.good.example?type=SRV", ("10 5 5060 www.good.example.",)),
        ("shop.good.example?type=CNAME", ("www.good.example.",)),
        ("shop.good.example", ("192.0.2.1", "192.0.2.2")),
        ("192.0.2.1?type=PTR", ("www.good.example.",)),
        ("b%C3%BCcher.good.example", ("192.0.2.3",)),
        ("WWW.Good.Example.", ("192.0.2.1", "192.0.2.2")),
    ],
)
async def test_the_records_of_each_type(
    question: str, records: tuple[str, ...], bind: tuple[int, int], network: Network
) -> None:
    result = await checked(service(f"dns://127.0.0.1:{bind[0]}/{question}"), network)
    assert result.fact("records") == records, result.message


async def test_a_zone_has_a_serial_number(bind: tuple[int, int], network: Network) -> None:
    keys = 'query_name = "good.example"\nquery_type = "SOA"\nexpect.serial = { ge = 2026013101 }\n'
    result = await checked(service(f"dns://127.0.0.1:{bind[0]}", keys), network)
    assert (result.verdict, result.fact("serial")) == (Verdict.UP, 2026013101)


@pytest.mark.parametrize(
    ("question", "rcode", "symptom"),
    [
        ("nothing.good.example", "NXDOMAIN", "dns.no_name"),
        ("www.broken.example", "SERVFAIL", "dns.server_failure"),
        ("www.private.example", "REFUSED", "dns.refused"),
        ("elsewhere.example", "REFUSED", "dns.refused"),
    ],
)
async def test_an_error_is_an_answer_with_another_value(
    question: str, rcode: str, symptom: str, bind: tuple[int, int], network: Network
) -> None:
    result = await checked(service(f"dns://127.0.0.1:{bind[0]}/{question}"), network)
    assert told(result) == (Cause.VALUE, f'{rcode}, rcode: "{rcode}", expected "NOERROR"', symptom)
    advice = explain(result)
    assert advice is not None
    assert str(bind[0]) in advice.next_step or symptom == "dns.refused"


@pytest.mark.parametrize(
    ("question", "keys", "verdict"),
    [
        ("www.good.example", 'expect.records = ["192.0.2.2", "192.0.2.1"]', Verdict.UP),
        ("www.good.example", 'expect.records = ["192.0.2.2"]', Verdict.DOWN),
        ("www.good.example", 'expect.records = { contains = "192.0.2.2" }', Verdict.UP),
        ("www.good.example", 'expect.records = { contains = "192.0.2.9" }', Verdict.DOWN),
        ("mail.good.example", 'expect.records = "192.0.2.25"', Verdict.UP),
        ("good.example?type=TXT", 'expect.records = { matches = "^v=spf1 " }', Verdict.UP),
        ("good.example", "expect.records = { exists = true }", Verdict.DOWN),
        ("good.example", "expect.answers = { ge = 1 }", Verdict.DOWN),
        ("good.example", "", Verdict.UP),
        ("no.good.example", 'expect.rcode = "NXDOMAIN"', Verdict.UP),
        ("no.good.example", 'expect.rcode = ["NOERROR", "NXDOMAIN"]', Verdict.UP),
        ("no.good.example", "expect.rcode = { exists = true }", Verdict.UP),
        ("www.good.example", "warn.ttl = { ge = 3600 }", Verdict.DEGRADED),
        ("www.good.example", "expect.authoritative = true", Verdict.UP),
    ],
)
async def test_what_can_be_expected(
    question: str, keys: str, verdict: Verdict, bind: tuple[int, int], network: Network
) -> None:
    result = await checked(service(f"dns://127.0.0.1:{bind[0]}/{question}", keys), network)
    assert result.verdict is verdict, result.message


async def test_what_does_not_fit_is_asked_for_by_tcp(bind: tuple[int, int], network: Network) -> None:
    result = await checked(service(f"dns://127.0.0.1:{bind[0]}/big.good.example?type=TXT"), network)
    assert (result.message, result.fact("truncated"), result.fact("transport")) == ("NOERROR, 20 records", True, "tcp")
    assert result.timings.connect is not None


async def test_tcp_can_be_asked_for(bind: tuple[int, int], network: Network) -> None:
    tested = service(f"dns://127.0.0.1:{bind[0]}/www.good.example", 'transport = "tcp"\nrecursion = false')
    result = await checked(tested, network)
    assert (result.message, result.fact("truncated"), result.fact("transport")) == ("NOERROR, 2 records", None, "tcp")


@pytest.mark.parametrize(("transport", "symptom"), [("udp", "dns.silent"), ("tcp", None)])
async def test_a_stopped_server(transport: str, symptom: str | None, bind: tuple[int, int], network: Network) -> None:
    """By TCP the kernel still connects."""
    keys = f'timeout = "200ms"\ntransport = "{transport}"'
    os.kill(bind[1], signal.SIGSTOP)
    try:
        result = await checked(service(f"dns://127.0.0.1:{bind[0]}/www.good.example", keys), network)
    finally:
        os.kill(bind[1], signal.SIGCONT)
    assert (result.cause, result.symptom) == (Cause.NO_RESPONSE, symptom)


async def test_dnsmasq(tmp_path: Path, network: Network) -> None:
    """NOERROR, NXDOMAIN, and REFUSED of what is not its own; and refused once it is gone."""
    with dnsmasq(tmp_path) as port:
        found = await checked(service(f"dns://127.0.0.1:{port}/www.good.example"), network)
        unknown = await checked(service(f"dns://127.0.0.1:{port}/no.good.example"), network)
        other = await checked(service(f"dns://127.0.0.1:{port}/www.other.example"), network)
    gone = await checked(service(f"dns://127.0.0.1:{port}/www.good.example"), network)
    assert found.fact("records") == ("192.0.2.1", "192.0.2.2")
    assert [unknown.fact("rcode"), other.fact("rcode")] == ["NXDOMAIN", "REFUSED"]
    assert told(gone) == (Cause.REFUSED, "connection refused", "dns.refused_port")


Reply = Callable[[bytes], list[bytes]]
"""The datagrams with which a server answers a query."""


@asynccontextmanager
async def answering(reply: Reply, port: int = 0) -> AsyncIterator[int]:
    """A server that answers by UDP as it likes."""

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for datagram in reply(data):
                self.transport.sendto(datagram, addr)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Server, local_addr=("127.0.0.1", port))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await asyncio.sleep(0)


def right(query: bytes, flags: int = 0) -> bytes:
    """The right answer to a query."""
    asked_for = dns.message.from_wire(query)
    answer = dns.message.make_response(asked_for)
    answer.flags |= flags
    answer.answer.append(dns.rrset.from_text(asked_for.question[0].name, 60, "IN", "A", "192.0.2.7"))
    return answer.to_wire()


def other_question(query: bytes) -> bytes:
    """An answer with the right id to another question."""
    other = dns.message.make_query("other.example", "A", id=int.from_bytes(query[:2]))
    return right(other.to_wire())


def other_id(query: bytes) -> bytes:
    """The right answer with another id."""
    return bytes([query[0] ^ 1]) + right(query)[1:]


FORGED: list[Callable[[bytes], bytes]] = [
    other_question,
    other_id,
    lambda query: query,
    lambda _: b"\0",
    lambda _: b"garbage",
    lambda query: b"garbage that is longer than a header" + query,
]


@pytest.mark.parametrize("forged", FORGED)
async def test_what_does_not_answer_the_query_is_ignored(forged: Callable[[bytes], bytes], network: Network) -> None:
    async with answering(lambda query: [forged(query), right(query)]) as port:
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example"), network)
    assert (result.verdict, result.fact("records")) == (Verdict.UP, ("192.0.2.7",))


@pytest.mark.parametrize("forged", FORGED)
async def test_nothing_but_what_does_not_answer_the_query(forged: Callable[[bytes], bytes], network: Network) -> None:
    async with answering(lambda query: [forged(query)]) as port:
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example", 'timeout = "100ms"'), network)
    assert told(result) == (Cause.PROTOCOL, "what came back answers another query, or none", None)


async def test_an_answer_that_cannot_be_read(network: Network) -> None:
    async with answering(lambda query: [right(query)[:-3]]) as port:
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example"), network)
    assert result.cause is Cause.PROTOCOL
    assert result.message.startswith("not a valid DNS answer: ")


@pytest.mark.parametrize("cut", [0, 3])
async def test_a_truncated_answer_of_a_server_without_tcp(cut: int, network: Network) -> None:
    """Whether it is cut between records or within one."""
    port = free_port()
    async with answering(lambda query: [right(query, dns.flags.TC)[: -cut or None]], port):
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example"), network)
    message = "the answer does not fit into UDP, and by TCP: connection refused"
    assert told(result) == (Cause.REFUSED, message, "dns.no_tcp")


def by_tcp(reply: Reply) -> Handler:
    """A server that answers by TCP as it likes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack(">H", await reader.readexactly(2))
        for piece in reply(await reader.readexactly(size)):
            writer.write(piece)

    return handler


def framed(message: bytes) -> bytes:
    """A message as TCP carries it."""
    return struct.pack(">H", len(message)) + message


@pytest.mark.parametrize(
    ("reply", "cause", "message"),
    [
        (lambda query: [framed(right(query))], None, "NOERROR, 1 record"),
        (lambda _: [], Cause.RESET, "connection closed without an answer"),
        (lambda query: [framed(right(query))[:9]], Cause.RESET, "connection closed in the middle of the answer"),
        (lambda _: [framed(b"")], Cause.PROTOCOL, "what came back answers another query, or none"),
        (lambda query: [framed(other_id(query))], Cause.PROTOCOL, "what came back answers another query, or none"),
        (
            lambda query: [framed(right(query, dns.flags.TC))],
            Cause.PROTOCOL,
            "the answer is truncated, and came by TCP",
        ),
    ],
)
async def test_by_tcp(reply: Reply, cause: Cause | None, message: str, network: Network) -> None:
    async with listening(by_tcp(reply)) as port:
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example", 'transport = "tcp"'), network)
    assert (result.cause, result.message) == (cause, message)


async def test_a_large_answer(network: Network) -> None:
    """It is read in a thread, and of its records 200 are kept."""

    def reply(query: bytes) -> list[bytes]:
        answer = dns.message.make_response(dns.message.from_wire(query))
        texts = [f"192.0.{index // 250}.{index % 250}" for index in range(3000)]
        answer.answer.append(dns.rrset.from_text("www.example.", 60, "IN", "A", *texts))
        return [framed(answer.to_wire(max_size=65535))]

    async with listening(by_tcp(reply)) as port:
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example", 'transport = "tcp"'), network)
    assert (result.message, result.fact("answers")) == ("NOERROR, 3000 records", 3000)
    records = result.fact("records")
    assert isinstance(records, tuple)
    assert len(records) == 200


async def test_a_connection_that_is_reset(network: Network) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with listening(handler) as port:
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example", 'transport = "tcp"'), network)
    assert (result.cause, result.message) == (Cause.RESET, "connection reset without an answer")


async def test_a_resolver_by_name_of_which_one_address_refuses() -> None:
    """The system's resolver is asked for the resolver's own name, and for nothing else."""
    names: list[str] = []

    def lookup(host: str, port: int, *_: int) -> list[object]:
        names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("127.0.0.9", "127.0.0.1")]

    network = Network(lookup=lookup)
    try:
        async with answering(lambda query: [right(query)]) as port:
            result = await checked(service(f"dns://resolver.example:{port}/www.example"), network)
    finally:
        network.close()
    assert (result.verdict, result.fact("ip"), names) == (Verdict.UP, "127.0.0.1", ["resolver.example"])


async def test_a_guard_is_obeyed(network: Network) -> None:
    queries: list[bytes] = []

    def reply(query: bytes) -> list[bytes]:
        queries.append(query)
        return [right(query)]

    async with answering(reply) as port:
        guarded = network.guarded(Guard(allowed(("192.0.2.0/24",))))
        result = await checked(service(f"dns://127.0.0.1:{port}/www.example"), guarded)
    assert (result.cause, queries) == (Cause.LOCAL, [])


@pytest.mark.parametrize(
    ("url", "keys", "fault"),
    [
        ("dns://127.0.0.1/a..b", "", "there is no domain name"),
        ("dns://127.0.0.1/" + "a" * 64 + ".example", "", "there is no domain name"),
        ("dns://127.0.0.1/" + "a." * 127 + "example", "", "there is no domain name"),
        ("dns://127.0.0.1/a/b", "", "there is no domain name"),
        ("dns://127.0.0.1/a?type=B", "", "one of A, AAAA,"),
        ("dns://127.0.0.1/a?kind=A", "", "stands only the type"),
        ("dns://me@127.0.0.1/a", "", "dns:// takes a resolver"),
        ("dns://127.0.0.1/a", 'query_name = "a b"', "`query_name` is a domain name"),
        ("dns://127.0.0.1/a", 'query_type = "B"', "query_type"),
        ("dns://127.0.0.1/a", "expect.status = 200", "dns://"),
    ],
)
def test_what_cannot_be_asked_is_a_fault_of_the_config(url: str, keys: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        service(url, keys)


def test_without_a_name_the_root_is_asked_for() -> None:
    """Its name servers, which every resolver knows."""
    assert asked(service("dns://127.0.0.1")) == Question(".", "NS")
    assert asked(service("dns://127.0.0.1/.?type=SOA")) == Question(".", "SOA")


def test_the_url_comes_before_the_keys() -> None:
    tested = service("dns://127.0.0.1/a.example?type=MX", 'query_name = "b.example"\nquery_type = "NS"')
    assert asked(tested) == Question("a.example", "MX")


def test_by_hand() -> None:
    tested = service("dns://127.0.0.1/a.example?type=MX", 'transport = "tcp"\nrecursion = false\ntimeout = "3s"')
    assert tested.by_hand == "dig @127.0.0.1 -p 53 a.example MX +tcp +norecurse +tries=1 +time=3"
    assert DNS.asks is not None
    assert list(DNS.asks(tested)) == ["a.example IN MX", "by TCP", "without recursion"]


@given(st.data())
def test_whatever_comes_back_is_read_or_told(data: st.DataObject) -> None:
    """No other exception, whatever the bytes after the id."""
    query = Query(Question("www.example", "A"), recursion=True)
    whole = bytearray(right(query.wire))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(2, len(whole) - 1))] = data.draw(st.integers(0, 255))
    wire = bytes(whole[: data.draw(st.integers(0, len(whole)))]) + data.draw(st.binary(max_size=8))
    with contextlib.suppress(Strange, ProbeFailed):
        query.read(wire)
