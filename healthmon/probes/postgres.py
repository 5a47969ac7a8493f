"""PostgreSQL: log in and run a query that cannot write."""

from collections.abc import Iterator

from healthmon.core.masking import MASK
from healthmon.core.model import Cause, Service
from healthmon.net.network import Network
from healthmon.net.postgres.target import check_url, target_of
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Gauge, Probe


class PostgresOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a PostgreSQL service.

    Attributes:
        query: The query to run, one statement, in a transaction that cannot write.
        tls: How to speak TLS. With it, TLS is required, unless the URL has another `sslmode`.
    """

    query: str = "SELECT 1"
    tls: TlsSettings | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.query.strip() or "\0" in self.query:
            raise ValueError("`query` is a statement, such as SELECT 1")


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Connect, speak TLS where it is wanted, log in, and ask."""
    from healthmon.core.model import Stage
    from healthmon.net.line import open_line
    from healthmon.net.postgres.encryption import negotiate
    from healthmon.net.postgres.session import ask

    address, options = service.address, service.options
    target = target_of(service.url)
    line = await open_line(network, address.host, address.port, options, trace)
    try:
        trace.enter(Stage.WAIT)
        try:
            tls = await negotiate(line, target.sslmode, options.tls)
        except OSError as error:
            raise ProbeFailed(Cause.RESET, "connection closed before the log-in") from error
        await ask(line, target, options.query, tls=tls, timeout=service.timeout, trace=trace)
    finally:
        line.cut()


def _prepare() -> None:
    import healthmon.net.postgres.session  # noqa: F401


def _by_hand(service: Service) -> str:
    """The same user, database and query for psql, which asks for the password. `USER` is one that may not be shown."""
    from shlex import quote

    target = target_of(service.shown_url)
    mode = f" sslmode={target.sslmode}" if target.sslmode else ""
    words = {"host": service.address.host, "port": str(service.address.port)}
    words["user"] = "USER" if target.user == MASK else target.user
    if target.database != MASK:
        words["dbname"] = target.database
    known = " ".join(f"{name}={_in_conninfo(word)}" for name, word in words.items())
    return f"psql {quote(known + mode)} -c {quote(service.options.query)}"


def _in_conninfo(word: str) -> str:
    """A word as a connection string of libpq holds it (34.1.1.1)."""
    if word and not set(word) & set(" '\\"):
        return word
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _asks(service: Service) -> Iterator[str]:
    target = target_of(service.shown_url)
    yield f"log in as {target.user} to the database {target.database}"
    yield "BEGIN READ ONLY"
    yield service.options.query


POSTGRES = Probe(
    name="postgres",
    default_port=5432,
    options=PostgresOptions,
    expectations=frozenset({"latency", "certificate", "rows", "value", "role"}),
    run=_run,
    prepare=_prepare,
    check_url=check_url,
    extra="postgres",
    libraries={"asyncpg": "asyncpg"},
    by_hand=_by_hand,
    asks=_asks,
    gauges={
        "rows": Gauge("postgres_rows", "How many rows the last check's query gave."),
        "value": Gauge("postgres_value", "The first value of the last check's query, where it is a number."),
        "query_seconds": Gauge("postgres_query_duration_seconds", "How long the last check's transaction took."),
    },
)
