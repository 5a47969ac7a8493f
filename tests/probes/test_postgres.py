"""PostgreSQL: a real server, healthy and broken in the ways in which they break."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import suppress

import asyncpg
import pytest

from healthmon.config.load import parse
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.probes.postgres import POSTGRES
from tests.campaign.certificates import authority, expired, good
from tests.campaign.servers import listening, silent
from tests.net.descriptors import leaving_no_socket
from tests.programs.postgres import PASSWORD, Postgres, cluster, needs_postgres

pytestmark = needs_postgres

USER = f"monitor:{PASSWORD}"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A cluster, which each test runs with settings of its own."""
    with cluster() as made:
        yield made


def at(url: str, keys: str = "", timeout: str = "20s") -> Service:
    """The service with this URL."""
    (one,) = parse(f'[[services]]\nname = "Database"\nurl = "{url}"\ntimeout = "{timeout}"\n{keys}\n').services
    return one


async def checked(network: Network, service: Service) -> Result:
    """A check that leaves no socket and no task behind."""
    async with leaving_no_socket():
        result = await check(service, probe=POSTGRES, network=network)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return result


async def test_a_query_is_answered(network: Network, postgres: Postgres) -> None:
    """The server finds nothing to complain of in how it is left."""
    with postgres.running(log_disconnections="on") as (server, port):
        result = await checked(network, at(f"postgres://{USER}@127.0.0.1:{port}/app"))
        await asyncio.to_thread(server.wait_for, "disconnection: session time")
    assert (result.verdict, result.message) == (Verdict.UP, "1 row")
    names = [fact.name for fact in result.facts]
    assert names == ["ip", "clock", "server_version", "database", "role", "rows", "value", "query_seconds"]
    assert str(result.fact("server_version"))[:1].isdigit()
    assert (result.fact("database"), result.fact("role")) == ("app", "primary")
    assert (result.fact("rows"), result.fact("value")) == (1, 1)
    assert result.timings.transfer is not None
    assert round(result.timings.transfer, 6) == result.fact("query_seconds")
    assert None not in (result.timings.connect, result.timings.wait)
    assert result.timings.tls is None
    complaints = [line for line in server.log.splitlines() if "EOF" in line or "could not" in line]
    assert complaints == []


VALUES = {
    "'text'": "text",
    "42": 42,
    "12345678901234567890::numeric": 1.2345678901234567e19,
    "42::numeric": 42,
    "1e400::numeric": "inf",
    "0.5::numeric": 0.5,
    "2.5::float8": 2.5,
    "'NaN'::float8": "nan",
    "'NaN'::numeric": "nan",
    "true": True,
    "NULL": None,
    "'2026-01-31'::date": "2026-01-31",
    "interval '90 seconds'": "0:01:30",
    "pg_is_in_recovery()": False,
}


async def test_a_value_keeps_its_type(network: Network, postgres: Postgres) -> None:
    """Numbers, text, true and false are compared as such; anything else is text."""
    with postgres.running() as (_, port):
        met = {}
        for sql in VALUES:
            result = await checked(network, at(f"postgres://{USER}@127.0.0.1:{port}/app", f'query = "SELECT {sql}"'))
            met[sql] = result.fact("value")
    assert list(map(repr, VALUES.values())) == list(map(repr, met.values()))


async def test_rows_and_value_can_be_demanded(network: Network, postgres: Postgres) -> None:
    """And no rows are no value, whatever is demanded of it."""
    with postgres.running() as (_, port):
        url = f"postgres://{USER}@127.0.0.1:{port}/app"
        many = 'query = "SELECT 7 FROM generate_series(1, 3)"\n'
        right = await checked(network, at(url, many + 'expect.rows = 3\nexpect.value = 7\nexpect.role = "primary"'))
        wrong = await checked(network, at(url, many + "expect.rows = { ge = 4 }\nwarn.value = { lt = 7 }"))
        nothing = await checked(network, at(url, 'query = "SELECT 1 WHERE false"\nexpect.value = { ne = 5 }'))
    assert (right.verdict, right.message) == (Verdict.UP, "3 rows")
    assert (wrong.verdict, wrong.cause) == (Verdict.DOWN, Cause.VALUE)
    assert [reason.expectation for reason in wrong.reasons] == ["rows", "value"]
    assert (nothing.verdict, nothing.cause, nothing.fact("rows")) == (Verdict.DOWN, Cause.VALUE, 0)


LOGINS = {
    "monitor:wrong@{}/app": (Cause.AUTH, "postgres.password"),
    "monitor@{}/app": (Cause.AUTH, "postgres.no_password"),
    "{}/app": (Cause.AUTH, "postgres.no_password"),
    f"{USER}@{{}}/nowhere": (Cause.UNHEALTHY, "postgres.no_database"),
}


async def test_a_log_in_that_fails_says_why(network: Network, postgres: Postgres) -> None:
    """Wrong password, none, unknown role, missing database."""
    with postgres.running() as (_, port):
        met = {}
        for login in LOGINS:
            result = await checked(network, at(f"postgres://{login.format(f'127.0.0.1:{port}')}"))
            assert result.verdict is Verdict.DOWN
            met[login] = (result.cause, result.symptom)
    assert met == LOGINS


async def test_a_role_without_the_right_to_connect(network: Network, postgres: Postgres) -> None:
    """The server admits the role and refuses the database."""
    with postgres.running() as (_, port):
        postgres.sql(port, "CREATE DATABASE closed", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
        result = await checked(network, at(f"postgres://{USER}@127.0.0.1:{port}/closed"))
    assert (result.cause, result.symptom) == (Cause.AUTH, "postgres.not_admitted")
    assert result.message == 'permission denied for database "closed" (SQLSTATE 42501)'


async def test_no_line_of_pg_hba_admits(network: Network, postgres: Postgres) -> None:
    """As with a server that wants TLS of everybody."""
    with postgres.admitting("hostssl all all all scram-sha-256"), postgres.running() as (_, port):
        result = await checked(network, at(f"postgres://{USER}@127.0.0.1:{port}/app?sslmode=disable"))
    assert (result.cause, result.symptom) == (Cause.AUTH, "postgres.not_admitted")
    assert "no pg_hba.conf entry" in result.message


async def test_too_many_connections(network: Network, postgres: Postgres) -> None:
    """The only one is taken."""
    with postgres.running(max_connections="4", superuser_reserved_connections="3") as (_, port):
        url = f"postgres://{USER}@127.0.0.1:{port}/app"
        holder = await asyncpg.connect(url, ssl=False)
        result = await checked(network, at(url))
        await holder.close()
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "postgres.too_many_connections")


async def test_a_standby_that_takes_no_queries(network: Network, postgres: Postgres) -> None:
    """It says so as one does that is starting."""
    with postgres.standby(), postgres.running(hot_standby="off", restore_command="false") as (_, port):
        result = await checked(network, at(f"postgres://{USER}@127.0.0.1:{port}/app"))
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "postgres.not_ready")
    assert result.message.endswith("(SQLSTATE 57P03)")


async def test_a_standby_is_known_by_its_role(network: Network, postgres: Postgres) -> None:
    """Whoever expects the primary there is told."""
    with postgres.standby(), postgres.running(restore_command="false") as (_, port):
        url = f"postgres://{USER}@127.0.0.1:{port}/app"
        result = await checked(network, at(url, 'expect.role = "primary"'))
    assert (result.cause, result.fact("role"), result.fact("value")) == (Cause.VALUE, "standby", 1)


QUERIES = {
    "SELECT * FROM nowhere": (Cause.VALUE, "postgres.no_table"),
    "SELEKT 1": (Cause.VALUE, "postgres.query"),
    "SELECT 1; SELECT 2": (Cause.VALUE, "postgres.query"),
    "SELECT 1/0": (Cause.VALUE, "postgres.query"),
    "CREATE TABLE forbidden ()": (Cause.VALUE, "postgres.writes"),
    "SELECT * FROM pg_authid": (Cause.VALUE, "postgres.query"),
    "SELECT repeat('x', 3000000)": (Cause.TOO_LARGE, None),
    "SELECT $1::int": (Cause.VALUE, "postgres.query"),
}


async def test_a_query_that_fails_says_why(network: Network, postgres: Postgres) -> None:
    """Nothing can be written, and nothing enormous be read."""
    with postgres.running() as (_, port):
        met = {}
        for query in QUERIES:
            result = await checked(network, at(f"postgres://{USER}@127.0.0.1:{port}/app", f'query = "{query}"'))
            met[query] = (result.cause, result.symptom)
        tables = postgres.sql(port, "SELECT count(*) FROM pg_class WHERE relname = 'forbidden'")
    assert met == QUERIES
    assert tables == "0"


async def test_of_a_role_with_all_rights_only_tables_and_sequences_are_guarded(
    network: Network, postgres: Postgres
) -> None:
    """As the page says: a read-only transaction is no sandbox."""
    queries = {
        "SELECT nextval('turns')": (Cause.VALUE, "postgres.writes"),
        "CREATE TABLE forbidden ()": (Cause.VALUE, "postgres.writes"),
        "COPY (SELECT 1) TO '/dev/null'": (None, None),
        "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'": (None, None),
        "SELECT pg_terminate_backend(0)": (None, None),
        "COMMIT": (None, None),
    }
    with postgres.running() as (_, port):
        postgres.sql(port, f"CREATE ROLE owner SUPERUSER LOGIN PASSWORD '{PASSWORD}'", "CREATE SEQUENCE turns")
        met = {}
        for query in queries:
            url = f"postgres://owner:{PASSWORD}@127.0.0.1:{port}/postgres"
            result = await checked(network, at(url, f'query = "{query}"'))
            met[query] = (result.cause, result.symptom)
        postgres.sql(port, "DROP SEQUENCE turns", "DROP ROLE owner")
    assert met == queries


async def test_a_query_that_takes_too_long_is_ended_by_the_server(network: Network, postgres: Postgres) -> None:
    """Nobody waits for it, and they would pile up."""
    with postgres.running() as (server, port):
        url = f"postgres://{USER}@127.0.0.1:{port}/app"
        result = await checked(network, at(url, 'query = "SELECT pg_sleep(600)"', timeout="500ms"))
        await asyncio.to_thread(server.wait_for, "canceling statement due to statement timeout")
    assert (result.cause, result.symptom) == (Cause.TIMEOUT, "postgres.slow_query")
    assert result.message == "logged in, but the query was not answered within 0.5 s"


async def test_a_shut_down_in_the_middle_of_a_query(network: Network, postgres: Postgres) -> None:
    """By the administrator, who does not wait."""
    with postgres.running(log_statement="all") as (server, port):
        url = f"postgres://{USER}@127.0.0.1:{port}/app"
        checking = asyncio.create_task(
            check(at(url, 'query = "SELECT pg_sleep(600)"'), probe=POSTGRES, network=network)
        )
        await asyncio.to_thread(server.wait_for, "SELECT pg_sleep(600)")
        server.send(signal.SIGINT)
        result = await checking
        await asyncio.to_thread(server.wait_for, "database system is shut down")
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "postgres.shut_down")


async def test_a_server_that_is_stopped_accepts_and_is_silent(network: Network, postgres: Postgres) -> None:
    """The kernel accepts in its place."""
    with postgres.running() as (server, port):
        server.send(signal.SIGSTOP)
        for mode in ("", "?sslmode=disable"):
            url = f"postgres://{USER}@127.0.0.1:{port}/app{mode}"
            result = await checked(network, at(url, timeout="200ms"))
            assert (result.cause, result.message) == (Cause.NO_RESPONSE, "connected, but no answer within 0.2 s")


async def test_what_is_no_postgres_is_found_out_at_the_first_byte(network: Network) -> None:
    """With and without the request for TLS."""

    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with listening(http) as port:
        for mode in ("", "?sslmode=disable"):
            result = await check(at(f"postgres://127.0.0.1:{port}/app{mode}"), probe=POSTGRES, network=network)
            assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.PROTOCOL)


async def test_what_closes_the_connection(network: Network) -> None:
    """At the request for TLS, and at the log-in."""

    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        await reader.read(8)

    async with listening(close) as port:
        for mode in ("", "?sslmode=disable"):
            result = await check(at(f"postgres://127.0.0.1:{port}/app{mode}"), probe=POSTGRES, network=network)
            assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.RESET)


async def test_a_silent_server_is_given_up(network: Network) -> None:
    """In whatever it was to say first."""
    async with leaving_no_socket(), listening(silent) as port:
        for mode in ("", "?sslmode=disable"):
            service = at(f"postgres://127.0.0.1:{port}/app{mode}", timeout="100ms")
            result = await check(service, probe=POSTGRES, network=network)
            assert result.cause is Cause.NO_RESPONSE


async def test_tls_by_its_modes(network: Network, postgres: Postgres, ca: str) -> None:
    """Spoken where it is offered, verified where that is asked for."""
    trusting = f'tls.ca = "{ca}"'
    modes = {
        ("", ""): None,
        ("?sslmode=disable", ""): None,
        ("?sslmode=prefer", ""): None,
        ("?sslmode=require", ""): None,
        ("?sslmode=verify-full", ""): Cause.CERTIFICATE,
        ("?sslmode=verify-full", trusting): None,
        ("?sslmode=verify-full", trusting + "\ntls.verify = false"): None,
        ("", trusting): None,
        ("", "tls = {}"): Cause.CERTIFICATE,
        ("", trusting + '\ntls.server_name = "www.example.com"'): Cause.CERTIFICATE,
        ("", trusting + '\nexpect.certificate = "1h"'): None,
        ("?sslmode=disable", 'expect.certificate = "1h"'): Cause.CERTIFICATE,
    }
    with postgres.running(**postgres.certified(good(authority()))) as (server, port):
        met = {}
        for mode, keys in modes:
            url = f"postgres://{USER}@127.0.0.1:{port}/app{mode}"
            result = await checked(network, at(url, keys))
            met[mode, keys] = result.cause
            assert (result.fact("certificate_expires") is None) == ("disable" in mode)
            assert (result.timings.tls is None) == ("disable" in mode)
    assert met == modes
    assert "invalid length of startup packet" not in server.log


async def test_a_certificate_that_has_expired(network: Network, postgres: Postgres, ca: str) -> None:
    """It is read by a second look, which asks for TLS as the first did."""
    with postgres.running(**postgres.certified(expired(authority()))) as (server, port):
        url = f"postgresql://{USER}@127.0.0.1:{port}/app"
        result = await checked(network, at(url, f'tls.ca = "{ca}"'))
    assert (result.cause, result.message[:19]) == (Cause.CERTIFICATE, "certificate expired")
    assert isinstance(result.fact("certificate_expires"), float)
    assert "invalid length of startup packet" not in server.log


async def test_tls_that_is_not_offered(network: Network, postgres: Postgres) -> None:
    """Preferred it is done without, required it is not."""
    with postgres.running() as (_, port):
        url = f"postgres://{USER}@127.0.0.1:{port}/app"
        required = await checked(network, at(f"{url}?sslmode=require"))
        preferred = await checked(network, at(f"{url}?sslmode=prefer"))
    assert (required.cause, required.symptom) == (Cause.TLS, "postgres.no_tls")
    assert preferred.verdict is Verdict.UP


async def test_the_environment_has_no_say(
    network: Network, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check does the same whoever runs it."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("PGUSER", "monitor")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    with postgres.running() as (_, port):
        result = await checked(network, at(f"postgres://monitor@127.0.0.1:{port}/app"))
    assert (result.cause, result.symptom) == (Cause.AUTH, "postgres.no_password")


async def test_a_check_that_is_cancelled_leaves_nothing(network: Network, postgres: Postgres) -> None:
    """Wherever it is at that moment."""
    with postgres.running() as (_, port):
        service = at(f"postgres://{USER}@127.0.0.1:{port}/app")
        turns = 0
        ended = False
        while not ended:
            turns += 1
            async with leaving_no_socket():
                task = asyncio.create_task(check(service, probe=POSTGRES, network=network))
                for _ in range(turns):
                    await asyncio.sleep(0)
                ended = task.done()
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            if turns > 20:
                break
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_person_asks_with_psql() -> None:
    """Who is asked for the password."""
    known = at("postgres://moni%27tor:secret@127.0.0.1:5433/app?sslmode=require", "query = \"SELECT 'a'\"")
    assert known.by_hand == (
        "psql 'host=127.0.0.1 port=5433 user='\"'\"'moni\\'\"'\"'tor'\"'\"' dbname=app sslmode=require'"
        " -c 'SELECT '\"'\"'a'\"'\"''"
    )
    (hidden,) = parse(
        '[[services]]\nname = "A"\nurl = "postgres://${U}:${P}@127.0.0.1"\n', environ={"U": "anna", "P": "secret"}
    ).services
    assert hidden.by_hand == "psql 'host=127.0.0.1 port=5432 user=USER' -c 'SELECT 1'"
    assert at("postgres://127.0.0.1").by_hand == (
        "psql 'host=127.0.0.1 port=5432 user=healthmon dbname=healthmon' -c 'SELECT 1'"
    )


def test_diagnosis_tells_what_is_sent() -> None:
    """Without the password."""
    assert POSTGRES.asks is not None
    assert list(POSTGRES.asks(at("postgres://anna:secret@127.0.0.1/app"))) == [
        "log in as anna to the database app",
        "BEGIN READ ONLY",
        "SELECT 1",
    ]
