"""Redis: a real server, healthy and broken in the ways in which they break."""

import asyncio
import contextlib
import signal
import socket
import time
from pathlib import Path

from healthmon.config.load import parse
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.probes import PROBES
from tests.campaign.certificates import authority, expired, good
from tests.campaign.servers import listening, silent
from tests.net.descriptors import leaving_no_socket
from tests.programs.redis import certified, needs_redis, redis, say

pytestmark = needs_redis


def at(url: str, keys: str = "", timeout: str = "20s") -> Service:
    """The service with this URL."""
    (one,) = parse(f'[[services]]\nname = "Cache"\nurl = "{url}"\ntimeout = "{timeout}"\n{keys}\n').services
    return one


async def checked(network: Network, service: Service) -> Result:
    """A check that leaves no socket and no task behind."""
    before = asyncio.all_tasks()
    async with leaving_no_socket():
        result = await check(service, probe=PROBES[service.address.scheme], network=network)
    assert asyncio.all_tasks() == before
    return result


async def test_ping_is_answered(network: Network, tmp_path: Path) -> None:
    """With a password and a database, as the services log in themselves."""
    with redis(tmp_path, "--requirepass", "se:cret", "--maxmemory", "100mb") as (_, port):
        result = await checked(network, at(f"redis://:se%3Acret@127.0.0.1:{port}/10"))
    assert (result.verdict, result.message) == (Verdict.UP, "PONG")
    facts = {fact.name: fact.value for fact in result.facts}
    assert list(facts) == [
        "ip",
        "clock",
        "server_version",
        "role",
        "connected_clients",
        "used_memory",
        "maxmemory",
        "replicas",
        "loading",
    ]
    told = {name: facts[name] for name in ("role", "connected_clients", "maxmemory", "replicas", "loading")}
    assert told == {
        "role": "master",
        "connected_clients": 1,
        "maxmemory": 104857600,
        "replicas": 0,
        "loading": False,
    }
    assert None not in (result.timings.connect, result.timings.wait, result.timings.transfer)


async def test_without_credentials_none_are_sent(network: Network, tmp_path: Path) -> None:
    """An empty user and an empty password are none; and INFO is asked for only where it is wanted."""
    with redis(tmp_path) as (_, port):
        result = await checked(network, at(f"redis://:@127.0.0.1:{port}/0", "info = false"))
        stats = say(port, "INFO commandstats")
    assert (result.verdict, [fact.name for fact in result.facts]) == (Verdict.UP, ["ip", "clock"])
    assert b"cmdstat_ping:calls=1," in stats
    assert b"cmdstat_auth" not in stats
    assert b"cmdstat_select" not in stats
    assert b"cmdstat_info" not in stats


async def test_a_user_who_may_only_ping(network: Network, tmp_path: Path) -> None:
    """Is up without what INFO would tell; what is demanded of it is missing. Without the right to ping it is down."""
    with redis(tmp_path) as (_, port):
        say(port, "ACL SETUSER monitor on >right +ping +select")
        say(port, "ACL SETUSER nobody on >right +select")
        result = await checked(network, at(f"redis://monitor:right@127.0.0.1:{port}/1"))
        demanding = await checked(network, at(f"redis://monitor:right@127.0.0.1:{port}/1", 'expect.role = "master"'))
        denied = await checked(network, at(f"redis://nobody:right@127.0.0.1:{port}/1"))
    assert (result.verdict, result.fact("role")) == (Verdict.UP, None)
    assert (demanding.verdict, demanding.cause) == (Verdict.DOWN, Cause.VALUE)
    assert (denied.cause, denied.symptom) == (Cause.AUTH, "redis.noperm")


async def test_credentials_that_are_missing_wrong_or_useless(network: Network, tmp_path: Path) -> None:
    """Each is told from the others."""
    with redis(tmp_path, "--requirepass", "right") as (_, port):
        missing = await checked(network, at(f"redis://127.0.0.1:{port}"))
        chosen = await checked(network, at(f"redis://127.0.0.1:{port}/1"))
        wrong = await checked(network, at(f"redis://:wrong@127.0.0.1:{port}"))
    with redis(tmp_path) as (_, port):
        useless = await checked(network, at(f"redis://:right@127.0.0.1:{port}"))
    assert (missing.cause, missing.symptom) == (Cause.AUTH, "redis.noauth")
    assert (missing.message, missing.verdict) == ("NOAUTH Authentication required.", Verdict.DOWN)
    assert (chosen.cause, chosen.symptom) == (Cause.AUTH, "redis.noauth")
    assert (wrong.cause, wrong.symptom) == (Cause.AUTH, "redis.wrongpass")
    assert (useless.cause, useless.symptom) == (Cause.AUTH, "redis.no_password_set")


async def test_a_database_that_there_is_not(network: Network, tmp_path: Path) -> None:
    """There are sixteen unless the server is told otherwise."""
    with redis(tmp_path, "--databases", "4") as (_, port):
        result = await checked(network, at(f"redis://127.0.0.1:{port}/4"))
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "redis.no_database")
    assert result.message == "ERR DB index is out of range"


async def test_too_many_clients(network: Network, tmp_path: Path) -> None:
    """The only place is taken."""
    with (
        redis(tmp_path, "--maxclients", "1") as (_, port),
        socket.create_connection(("127.0.0.1", port)) as holder,
    ):
        holder.sendall(b"PING\r\n")
        assert holder.recv(100) == b"+PONG\r\n"
        result = await checked(network, at(f"redis://127.0.0.1:{port}"))
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "redis.too_many_clients")


async def test_data_that_are_still_being_loaded(network: Network, tmp_path: Path) -> None:
    """A snapshot that takes long."""
    with redis(tmp_path, "--enable-debug-command", "yes") as (_, port):
        assert b"+OK\r\n" in say(port, "DEBUG POPULATE 2000 key 2000", "SAVE")
        assert say(port, "SAVE") == b"+OK\r\n"
    slow = ("--key-load-delay", "50000", "--loading-process-events-interval-bytes", "1024")
    with redis(tmp_path, *slow, ready="RDB memory usage when created") as (_, port):
        result = await checked(network, at(f"redis://127.0.0.1:{port}"))
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "redis.loading")
    assert result.message == "LOADING Redis is loading the dataset in memory"


async def test_a_replica_that_has_lost_its_primary(network: Network, tmp_path: Path) -> None:
    """It answers if it may serve stale data, and then its lag is not known; else it says so."""
    options = ("--replicaof", "127.0.0.1 1")
    with redis(tmp_path, *options, "--replica-serve-stale-data", "no") as (_, port):
        refusing = await checked(network, at(f"redis://127.0.0.1:{port}"))
    with redis(tmp_path, *options) as (_, port):
        keys = 'expect.role = "slave"\nexpect.master_link_status = "up"'
        serving = await checked(network, at(f"redis://127.0.0.1:{port}", keys))
    assert (refusing.cause, refusing.symptom) == (Cause.UNHEALTHY, "redis.masterdown")
    assert (serving.cause, serving.fact("master_link_status")) == (Cause.VALUE, "down")


async def test_the_lag_of_a_replica(network: Network, tmp_path: Path) -> None:
    """As the primary sees it and as the replica does."""
    folder = tmp_path / "replica"
    folder.mkdir()
    with (
        redis(tmp_path, "--repl-diskless-sync-delay", "0") as (_, primary),
        redis(folder, "--replicaof", f"127.0.0.1 {primary}", ready="MASTER <-> REPLICA sync: Finished") as (_, port),
    ):
        await _until(lambda: b"state=online" in say(primary, "INFO replication"))
        lag = "expect.replica_lag = { le = 15 }\nexpect.replicas = 1\nexpect.replica_lag_bytes = { lt = 100000 }"
        leading = await checked(network, at(f"redis://127.0.0.1:{primary}", lag))
        lag = 'expect.replica_lag = { le = 15 }\nexpect.master_link_status = "up"'
        following = await checked(network, at(f"redis://127.0.0.1:{port}", lag))
    assert (leading.verdict, leading.fact("replicas")) == (Verdict.UP, 1)
    assert (following.verdict, following.fact("role")) == (Verdict.UP, "slave")


async def _until(condition: object) -> None:
    """Ask again and again; each time takes a round trip."""
    assert callable(condition)
    ends = time.monotonic() + 30
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < ends


async def test_a_snapshot_that_cannot_be_written(network: Network, tmp_path: Path) -> None:
    """A server that would lose data accepts no more of it, and says so."""
    with redis(tmp_path, "--dbfilename", "taken.rdb") as (server, port):
        (tmp_path / "taken.rdb" / "by-a-folder").mkdir(parents=True)
        assert say(port, 'CONFIG SET save "3600 1"') == b"+OK\r\n"
        say(port, "BGSAVE")
        await asyncio.to_thread(server.wait_for, "Background saving error")
        result = await checked(network, at(f"redis://127.0.0.1:{port}"))
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "redis.misconf")


async def test_a_script_that_does_not_end(network: Network, tmp_path: Path) -> None:
    """It holds everybody up."""
    with (
        redis(tmp_path, "--busy-reply-threshold", "1") as (server, port),
        socket.create_connection(("127.0.0.1", port)) as holder,
    ):
        holder.sendall(b'EVAL "while true do end" 0\r\n')
        await asyncio.to_thread(server.wait_for, "Slow script detected")
        result = await checked(network, at(f"redis://127.0.0.1:{port}"))
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "redis.busy")


async def test_a_server_that_is_stopped_accepts_and_is_silent(network: Network, tmp_path: Path) -> None:
    """The kernel accepts in its place."""
    with redis(tmp_path) as (server, port):
        server.send(signal.SIGSTOP)
        result = await checked(network, at(f"redis://127.0.0.1:{port}", timeout="200ms"))
    assert (result.cause, result.message) == (Cause.NO_RESPONSE, "connected, but no answer within 0.2 s")


ANSWERS = {
    b"-DENIED Redis is running in protected mode\r\n": (Cause.UNHEALTHY, "redis.protected"),
    b"-ERR unknown command\r\n": (Cause.UNHEALTHY, None),
    b"-READONLY You can't write\r\n": (Cause.UNHEALTHY, None),
    b"-ERR invalid password\r\n": (Cause.AUTH, "redis.wrongpass"),
    b"+HELLO\r\n": (Cause.PROTOCOL, None),
    b":1\r\n": (Cause.PROTOCOL, None),
    b"$99\r\nHALF": (Cause.RESET, None),
    b"HTTP/1.1 400 Bad Request\r\n\r\n": (Cause.PROTOCOL, None),
    b"SSH-2.0-OpenSSH_9.2\r\n": (Cause.PROTOCOL, None),
    b"$x\r\n": (Cause.PROTOCOL, None),
    b"": (Cause.RESET, None),
    b"x" * 3_000_000: (Cause.PROTOCOL, None),
    b"$3000000\r\n" + b"x" * 3_000_000: (Cause.TOO_LARGE, None),
}


async def test_other_answers_to_ping(network: Network) -> None:
    """Of servers of other kinds, and of none."""
    met = {}
    for answer in ANSWERS:

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes = answer) -> None:
            await reader.read(14)
            with contextlib.suppress(ConnectionError):
                writer.write(answer)
                await writer.drain()

        async with listening(serve) as port:
            result = await check(at(f"redis://127.0.0.1:{port}"), probe=PROBES["redis"], network=network)
        met[answer] = (result.cause, result.symptom)
    assert met == ANSWERS


async def test_a_silent_server_is_given_up(network: Network) -> None:
    """Before and after it has answered."""

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(14)
        writer.write(b"+PONG\r\n")
        await reader.read()

    async with leaving_no_socket(), listening(silent) as nothing, listening(half) as pong:
        causes = [
            (
                await check(at(f"redis://127.0.0.1:{port}", timeout="100ms"), probe=PROBES["redis"], network=network)
            ).cause
            for port in (nothing, pong)
        ]
    assert causes == [Cause.NO_RESPONSE, Cause.TIMEOUT]


async def test_tls(network: Network, tmp_path: Path, ca: str) -> None:
    """A certificate that is trusted, one that is not, and none."""
    options = certified(tmp_path, good(authority()), authority())
    with redis(tmp_path, *options) as (_, port):
        url = f"rediss://127.0.0.1:{port}/3"
        trusted = await checked(network, at(url, f'tls.ca = "{ca}"\nexpect.certificate = "1h"'))
        untrusted = await checked(network, at(url))
        plain = await checked(network, at(f"redis://127.0.0.1:{port}"))
    assert (trusted.verdict, trusted.message) == (Verdict.UP, "PONG")
    assert None not in (trusted.timings.tls, trusted.timings.wait)
    assert untrusted.cause is Cause.CERTIFICATE
    assert isinstance(untrusted.fact("certificate_expires"), float)
    assert plain.cause is Cause.RESET
    with redis(tmp_path) as (_, port):
        # It takes the handshake for the beginning of a line, and waits for the rest.
        result = await checked(network, at(f"rediss://127.0.0.1:{port}", timeout="200ms"))
    assert result.cause is Cause.TLS


async def test_a_certificate_that_has_expired(network: Network, tmp_path: Path, ca: str) -> None:
    """Its facts are kept."""
    with redis(tmp_path, *certified(tmp_path, expired(authority()), authority())) as (_, port):
        result = await checked(network, at(f"rediss://127.0.0.1:{port}", f'tls.ca = "{ca}"'))
    assert (result.cause, result.message[:19]) == (Cause.CERTIFICATE, "certificate expired")
    assert isinstance(result.fact("certificate_expires"), float)


async def test_a_check_that_is_cancelled_leaves_nothing(network: Network, tmp_path: Path) -> None:
    """Wherever it is at that moment."""
    with redis(tmp_path, "--requirepass", "right") as (_, port):
        service = at(f"redis://:right@127.0.0.1:{port}/1")
        for turns in range(1, 20):
            async with leaving_no_socket():
                task = asyncio.create_task(check(service, probe=PROBES["redis"], network=network))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_person_asks_with_redis_cli(ca: str) -> None:
    """Who is asked for the password."""
    assert at("redis://127.0.0.1").by_hand == "redis-cli -h 127.0.0.1 -p 6379 PING"
    plain = at("redis://monitor:secret@127.0.0.1:6380/3").by_hand
    assert plain == "redis-cli -h 127.0.0.1 -p 6380 -n 3 --user monitor --askpass PING"
    secured = at("rediss://:secret@127.0.0.1", f'tls.ca = "{ca}"\ntls.server_name = "cache"').by_hand
    assert secured == f"redis-cli -h 127.0.0.1 -p 6379 --tls --cacert {ca} --sni cache --askpass PING"


def test_diagnosis_tells_what_is_sent() -> None:
    """Without the password."""
    probe = PROBES["redis"]
    assert probe.asks is not None
    assert list(probe.asks(at("redis://monitor:secret@127.0.0.1/3"))) == [
        "AUTH monitor ***",
        "SELECT 3",
        "PING",
        "INFO",
    ]
