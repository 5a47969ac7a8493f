"""Pings: of this machine, and in a network namespace where requests are lost and refused to order."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from healthmon.config.load import parse
from healthmon.core.advice.advise import advise
from healthmon.core.allow import Allow
from healthmon.core.model import Address, Cause, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.guard import Guard
from healthmon.net.icmp.echo import _checksum
from healthmon.net.network import Network
from healthmon.probes.icmp import ICMP
from tests.loopback import needs_ipv6
from tests.make import service
from tests.net.descriptors import leaving_no_socket
from tests.programs.rights import needs_namespace, needs_ping

ROOT = Path(__file__).parents[2]


def pinged(way: str, keys: str = "", host: str = "127.0.0.1") -> dict[str, Any]:
    """What a check saw in a namespace."""
    command = ["unshare", "--net", sys.executable, "-m", "tests.programs.pinging", way, f"# {host}\n{keys}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@needs_ping
@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("[::1]", marks=needs_ipv6)])
async def test_this_machine_answers(network: Network, host: str) -> None:
    (one,) = parse(f'[[services]]\nname = "A"\nurl = "icmp://{host}"\npacket_interval = 0.001\n').services
    async with leaving_no_socket():
        result = await check(one, probe=ICMP, network=network)
    assert (result.verdict, result.message) == (Verdict.UP, "3 of 3 answered")
    facts = {fact.name: fact.value for fact in result.facts}
    assert (facts["packets_sent"], facts["packets_received"], facts["loss"]) == (3, 3, 0.0)
    assert facts["hop_limit"] in range(1, 256)
    assert 0 < facts["rtt_min"] <= facts["rtt_avg"] <= facts["rtt_max"] < 5  # type: ignore[operator]
    assert result.timings.resolve is None
    assert result.timings.wait == pytest.approx(facts["rtt_avg"], abs=1e-6)


@needs_ping
async def test_what_is_demanded_of_the_loss_and_the_times(network: Network) -> None:
    text = '[[services]]\nname = "A"\nurl = "icmp://127.0.0.1"\ncount = 1\nexpect.loss = {{ lt = 1 }}\n{}\n'
    (good,) = parse(text.format("expect.jitter = 0.0")).services
    (slow,) = parse(text.format("warn.rtt_max = { lt = 0 }")).services
    assert (await check(good, probe=ICMP, network=network)).verdict is Verdict.UP
    result = await check(slow, probe=ICMP, network=network)
    assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.VALUE)
    assert result.message.startswith("1 of 1 answered, rtt_max: ")


@needs_ping
async def test_many_are_under_way_at_once(network: Network) -> None:
    text = '[[services]]\nname = "A"\nurl = "icmp://127.0.0.1"\ncount = 500\npacket_interval = 0.00001\n'
    result = await check(parse(text).services[0], probe=ICMP, network=network)
    assert result.message == "500 of 500 answered"


@needs_namespace
@pytest.mark.parametrize("way", ["plain", "raw"])
def test_either_kind_of_socket(way: str) -> None:
    """A ping socket where it is allowed, else a raw one."""
    seen = pinged(way)
    assert (seen["message"], seen["hop_limit"]) == ("3 of 3 answered", 64)


@needs_namespace
def test_without_the_right_to_ping_nothing_is_known() -> None:
    seen = pinged("forbidden")
    assert (seen["verdict"], seen["cause"], seen["symptom"]) == ("unknown", "local", "icmp.not_permitted")
    assert seen["message"] == "this program may not ping"


@needs_namespace
@pytest.mark.parametrize("kind", ["", "raw"])
def test_some_are_lost(kind: str) -> None:
    """It does not wait for them until the timeout."""
    seen = pinged(f"lossy {kind}", 'count = 5\npacket_interval = "20ms"\nwarn.loss = 0.0\n')
    assert (seen["packets_sent"], seen["packets_received"], seen["loss"]) == (5, 2, 60.0)
    assert (seen["verdict"], seen["cause"]) == ("degraded", "value")
    assert seen["message"] == "2 of 5 answered, loss: 60.0, expected 0.0"
    assert seen["duration"] < 5


@needs_namespace
def test_what_was_answered_must_do_when_the_time_is_over() -> None:
    """More than can be sent in the time."""
    seen = pinged("lossy", 'count = 1000\npacket_interval = "20ms"\ntimeout = "400ms"\n')
    assert seen["verdict"] == "up"
    assert 1 < seen["packets_sent"] < 25
    assert seen["duration"] < 0.4


@needs_namespace
@pytest.mark.parametrize("kind", ["", "raw"])
def test_all_are_lost(kind: str) -> None:
    seen = pinged(f"silent {kind}", 'timeout = "300ms"\npacket_interval = "10ms"\n')
    assert (seen["cause"], seen["symptom"]) == ("no_response", "icmp.silent")
    assert seen["message"] == "no ping was answered within 0.3 s"
    assert (seen["packets_sent"], seen["packets_received"], seen["loss"]) == (3, 0, 100.0)


@needs_namespace
@pytest.mark.parametrize("kind", ["", "raw"])
def test_a_router_says_that_there_is_no_way(kind: str) -> None:
    """And the check does not go on until its timeout."""
    seen = pinged(f"refused {kind}", 'packet_interval = "10ms"\n')
    assert (seen["cause"], seen["message"]) == ("unreachable", "no route to host")
    assert seen["duration"] < 5


@needs_namespace
def test_this_machine_knows_no_way() -> None:
    seen = pinged("plain", host="127.0.0.9")
    assert (seen["cause"], seen["message"]) == ("unreachable", "no route to host")


@needs_namespace
def test_the_next_address_is_pinged_where_there_is_no_way_to_one() -> None:
    seen = pinged("plain", host="service.example")
    assert (seen["verdict"], seen["ip"]) == ("up", "127.0.0.1")


@needs_ping
async def test_a_module_pings_only_what_it_may(network: Network) -> None:
    (one,) = parse('[[services]]\nname = "A"\nurl = "icmp://127.0.0.1"\n').services
    guarded = network.guarded(Guard(Allow(networks=("127.0.0.2/32",))))
    result = await check(one, probe=ICMP, network=guarded)
    assert result.cause is Cause.LOCAL
    assert "not in the module's allow list" in result.message


def test_the_built_in_module_sends_one_request_and_allows_nothing() -> None:
    module = parse('[[services]]\nname = "A"\nurl = "icmp://127.0.0.1"\n').modules["icmp"]
    assert (module.probe, module.template.options.count, module.allow) == ("icmp", 1, Allow())


@pytest.mark.parametrize(
    ("url", "keys", "fault"),
    [
        ("icmp://127.0.0.1:7", "", "there are no ports"),
        ("icmp://127.0.0.1/x", "", "takes a host and nothing else"),
        ("icmp://", "", "there is no host"),
        ("icmp://127.0.0.1", "count = 0", "a whole number, 1 or more"),
        ("icmp://127.0.0.1", "count = 65536", "`count` is 65535 at most"),
        ("icmp://127.0.0.1", "packet_interval = 0", "packet_interval"),
        ("icmp://127.0.0.1", 'ip = "6"\nresolve = "127.0.0.1"', "forbids"),
    ],
)
def test_what_cannot_be(url: str, keys: str, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f'[[services]]\nname = "A"\nurl = "{url}"\n{keys}\n')
    assert fault in str(raised.value)


def test_words_for_people() -> None:
    (one,) = parse('[[services]]\nname = "A"\nurl = "icmp://127.0.0.1"\nip = "4"\ncount = 1\n').services
    assert ICMP.asks is not None
    assert list(ICMP.asks(one)) == ["1 echo request of 64 bytes"]
    assert one.by_hand == "ping -4 -c 1 -i 0.2 127.0.0.1"
    host = service(address=Address("icmp", "router.example", 0, explicit=False))
    assert "tracepath router.example" in advise(host, Cause.NO_RESPONSE, symptom="icmp.silent").next_step
    assert "ping_group_range" in advise(host, Cause.LOCAL, symptom="icmp.not_permitted").next_step


def test_the_checksum_of_a_message() -> None:
    """The example of RFC 1071, section 3; with its checksum in it, a message sums up to nothing."""
    assert _checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2
    assert _checksum(bytes.fromhex("0001f203f4f5f6f7220d")) == 0
