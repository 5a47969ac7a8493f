"""DNS: whether a server answers a query, and what it says."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from healthmon.core.model import Service
from healthmon.net.dns.question import Question, RecordType, check_name, question
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import Trace
from healthmon.probes.contract import Gauge, Probe


class DnsOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a DNS service.

    Attributes:
        query_name: The name to ask for where the URL has none; without either, the root.
        query_type: The type of the records to ask for where the URL has none; without either, A, and NS of the root.
        transport: What the query goes by: ``udp``, and ``tcp`` where the answer does not fit, or ``tcp`` at once.
        recursion: Whether the server is to ask others for what it does not know.
    """

    query_name: str | None = None
    query_type: RecordType | None = None
    transport: Literal["udp", "tcp"] = "udp"
    recursion: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.query_name is not None:
            try:
                check_name(self.query_name)
            except ValueError:
                raise ValueError('`query_name` is a domain name, such as "www.example.com"') from None


def _check_url(parts: SplitResult) -> None:
    if parts.fragment or "@" in parts.netloc:
        raise ValueError("dns:// takes a resolver, a name as its path, and `?type=`")
    question(parts, None, None)


def asked(service: Service) -> Question:
    """What the server is asked."""
    options = service.options
    return question(urlsplit(service.url), options.query_name, options.query_type)


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Ask once. The facts are those of `ask_by_udp` or `ask_by_tcp`, and of `record_answer`."""
    from healthmon.net.dns.answer import record_answer
    from healthmon.net.dns.exchange import ask_by_tcp, ask_by_udp
    from healthmon.net.dns.query import Query

    options, address, question_ = service.options, service.address, asked(service)
    query = Query(question_, recursion=options.recursion)
    ask = ask_by_tcp if options.transport == "tcp" else ask_by_udp
    answer = await ask(network, address.host, address.port, options, query, trace)
    record_answer(answer, question_.type, trace)


def _prepare() -> None:
    # The library imports the types of records when it first meets them: these are in most answers.
    import dns.rdtypes.ANY.CNAME
    import dns.rdtypes.ANY.SOA
    import dns.rdtypes.IN.A
    import dns.rdtypes.IN.AAAA  # noqa: F401

    import healthmon.net.dns.answer
    import healthmon.net.dns.exchange  # noqa: F401


def _by_hand(service: Service) -> str:
    from shlex import quote

    options, address, question_ = service.options, service.address, asked(service)
    words = ["dig", f"@{address.host}", "-p", str(address.port), question_.name, question_.type]
    words += ["+tcp"] if options.transport == "tcp" else []
    words += [] if options.recursion else ["+norecurse"]
    return " ".join(map(quote, [*words, "+tries=1", f"+time={max(1, round(service.timeout))}"]))


def _asks(service: Service) -> Iterator[str]:
    question_ = asked(service)
    yield f"{question_.name} IN {question_.type}"
    yield f"by {service.options.transport.upper()}"
    if not service.options.recursion:
        yield "without recursion"


DNS = Probe(
    name="dns",
    default_port=53,
    options=DnsOptions,
    expectations=frozenset({"latency", "rcode", "records", "answers", "ttl", "authoritative", "serial"}),
    run=_run,
    expect={"rcode": "NOERROR"},
    prepare=_prepare,
    check_url=_check_url,
    transport="udp",
    extra="dns",
    libraries={"dnspython": "dns"},
    by_hand=_by_hand,
    asks=_asks,
    gauges={
        "answers": Gauge("dns_answers", "How many records the last answer of a DNS server had."),
        "ttl": Gauge("dns_ttl_seconds", "How long the last answer of a DNS server may be kept."),
        "serial": Gauge("dns_serial", "The serial number of the zone, where its SOA record was asked for."),
    },
)
