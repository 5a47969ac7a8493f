"""Redis: log in, choose the database, and have it answer PING."""

from collections.abc import Iterator

from healthmon.core.model import Service
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.redis.target import check_url, target_of
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import Trace
from healthmon.probes.contract import Gauge, Probe


class RedisOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a Redis service.

    Attributes:
        info: Whether to ask for INFO too, whose values become facts.
    """

    info: bool = True


class RedissOptions(RedisOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a Redis service over TLS.

    Attributes:
        tls: How to speak TLS.
    """

    tls: TlsSettings = TlsSettings()


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Connect, over TLS for `rediss://`, and ask."""
    from healthmon.net.line import open_line
    from healthmon.net.redis.session import ask

    address, options = service.address, service.options
    target = target_of(service.url)
    tls = options.tls if isinstance(options, RedissOptions) else None
    line = await open_line(network, address.host, address.port, options, trace)
    try:
        await ask(line, target, tls=tls, info=options.info, trace=trace)
    finally:
        line.cut()


def _prepare() -> None:
    import healthmon.net.redis.session  # noqa: F401


def _by_hand(service: Service) -> str:
    """redis-cli with the same user and database; it asks for the password."""
    from shlex import quote

    address, target = service.address, target_of(service.shown_url)
    words = ["redis-cli", "-h", address.host, "-p", str(address.port)]
    if isinstance(service.options, RedissOptions):
        words.append("--tls")
        settings = service.options.tls
        files = {"--cacert": settings.ca, "--cert": settings.cert, "--key": settings.key or settings.cert}
        words += [word for name, path in files.items() if path for word in (name, str(path))]
        words += ["--sni", settings.server_name] if settings.server_name else []
        words += [] if settings.verify else ["--insecure"]
    if target.database:
        words += ["-n", str(target.database)]
    if target.password:
        words += ["--user", target.user] if target.user else []
        words.append("--askpass")
    return " ".join(map(quote, [*words, "PING"]))


def _asks(service: Service) -> Iterator[str]:
    target = target_of(service.shown_url)
    if target.password:
        yield f"AUTH {target.user or 'default'} ***"
    if target.database:
        yield f"SELECT {target.database}"
    yield "PING"
    if service.options.info:
        yield "INFO"


_FACTS = frozenset(
    {
        "role",
        "connected_clients",
        "used_memory",
        "maxmemory",
        "loading",
        "replicas",
        "master_link_status",
        "replica_lag",
        "replica_lag_bytes",
    }
)
_GAUGES = {
    "connected_clients": Gauge("redis_connected_clients", "How many clients Redis had at the last check."),
    "used_memory": Gauge("redis_used_memory_bytes", "How much memory Redis used at the last check."),
    "maxmemory": Gauge("redis_maxmemory_bytes", "How much memory Redis may use; 0 without a limit."),
    "replicas": Gauge("redis_replicas", "How many replicas followed at the last check."),
    "replica_lag": Gauge("redis_replica_lag_seconds", "How long ago primary and replica heard of each other."),
    "replica_lag_bytes": Gauge("redis_replica_lag_bytes", "How many bytes the last of the replicas lacked."),
}

REDIS = Probe(
    name="redis",
    default_port=6379,
    options=RedisOptions,
    expectations=_FACTS | {"latency"},
    run=_run,
    prepare=_prepare,
    check_url=check_url,
    extra="redis",
    libraries={"redis": "redis"},
    by_hand=_by_hand,
    asks=_asks,
    gauges=_GAUGES,
)
REDISS = Probe(
    name="rediss",
    default_port=6379,
    options=RedissOptions,
    expectations=_FACTS | {"latency", "certificate"},
    run=_run,
    prepare=_prepare,
    check_url=check_url,
    extra="redis",
    libraries={"redis": "redis"},
    by_hand=_by_hand,
    asks=_asks,
    gauges=_GAUGES,
)
