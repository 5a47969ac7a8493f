"""The real blackbox_exporter beside `/probe`, on real DNS and gRPC servers: the same success, the same metrics."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from tests.campaign.certificates import authority, expired, good
from tests.programs.dns import free_port, named
from tests.programs.grpc import Server, grpc_server
from tests.web.probe.asking import LOOPBACK, Samples, names, samples, serving_probe

BLACKBOX = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")

pytestmark = pytest.mark.skipif(BLACKBOX is None, reason="needs apt-get install prometheus-blackbox-exporter")

DNS = {
    "a": ("www.good.example", "A", "", ""),
    "cname": ("shop.good.example", "A", "", ""),
    "soa": ("good.example", "SOA", "", ""),
    "mx": ("good.example", "MX", "", ""),
    "nothing": ("good.example", "AAAA", "", ""),
    "no_name": ("no.good.example", "A", "", ""),
    "broken": ("www.broken.example", "A", "", ""),
    "refused": ("elsewhere.example", "A", "", ""),
    "tcp": ("big.good.example", "TXT", "transport_protocol: tcp,", 'transport = "tcp"'),
    "no_recursion": ("www.good.example", "A", "recursion_desired: false,", "recursion = false"),
    "wanted_no_name": ("no.good.example", "A", "valid_rcodes: [NXDOMAIN],", 'expect.rcode = "NXDOMAIN"'),
    "one_of": ("no.good.example", "A", "valid_rcodes: [NOERROR, NXDOMAIN],", 'expect.rcode = ["NOERROR", "NXDOMAIN"]'),
    "right": (
        "mail.good.example",
        "A",
        "validate_answer_rrs: {fail_if_not_matches_regexp: ['192.0.2.25']},",
        'expect.records = "192.0.2.25"',
    ),
    "wrong": (
        "mail.good.example",
        "A",
        "validate_answer_rrs: {fail_if_not_matches_regexp: ['192.0.2.26']},",
        'expect.records = "192.0.2.26"',
    ),
}
"""Name and type to ask for, and what the module says besides: to blackbox_exporter, and to healthmon."""

GRPC = {
    "server": "",
    "serving": "a.Serving",
    "not_serving": "a.NotServing",
    "unknown": "a.Unknown",
    "other": "a.Other",
    "private": "a.Private",
    "unavailable": "a.Unavailable",
    "broken": "a.Broken",
}
"""The services to ask for."""

IP4 = "preferred_ip_protocol: ip4"


def _blackbox_config() -> str:
    lines = [
        f"  dns_{name}: {{prober: dns, dns: {{query_name: {asked}, query_type: {type_}, {theirs} {IP4}}}}}"
        for name, (asked, type_, theirs, _) in DNS.items()
    ]
    tls = "tls: true, tls_config: {ca_file: ca.pem},"
    for name, asked in GRPC.items():
        lines.append(f"  grpc_{name}: {{prober: grpc, grpc: {{service: '{asked}', {IP4}}}}}")
        lines.append(f"  grpcs_{name}: {{prober: grpc, grpc: {{service: '{asked}', {tls} {IP4}}}}}")
    return "\n".join(["modules:", *lines, ""])


def _healthmon_config(ca: Path) -> str:
    tables = [
        f'[modules.dns_{name}]\nprobe = "dns"\nquery_name = "{asked}"\nquery_type = "{type_}"\n{ours}\n{LOOPBACK}'
        for name, (asked, type_, _, ours) in DNS.items()
    ]
    for scheme, keys in (("grpc", ""), ("grpcs", f'tls.ca = "{ca}"\n')):
        tables += [
            f'[modules.{scheme}_{name}]\nprobe = "{scheme}"\ngrpc_service = "{asked}"\n{keys}{LOOPBACK}'
            for name, asked in GRPC.items()
        ]
    return "\n".join(tables)


class Peers(NamedTuple):
    """The two programs and the servers that they ask."""

    blackbox: str
    config: str
    dns: tuple[int, int]
    plain: Server
    secure: Server
    late: Server


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """All of them, running."""
    assert BLACKBOX
    folder = tmp_path_factory.mktemp("peer")
    authority().cert_pem.write_to_path(str(folder / "ca.pem"))
    (folder / "blackbox.yml").write_text(_blackbox_config())
    made = tmp_path_factory.mktemp
    with (
        named(made("named")) as dns,
        grpc_server(made("plain")) as plain,
        grpc_server(made("secure"), leaf=good(authority())) as secure,
        grpc_server(made("late"), leaf=expired(authority())) as late,
        subprocess.Popen(
            [BLACKBOX, "--config.file=blackbox.yml", "--web.listen-address=127.0.0.1:0"],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr
        try:
            heard = next(line for line in process.stderr if "Listening on" in line)
            url = f"http://{heard.partition(' address=')[2].split()[0]}/probe"
            yield Peers(url, _healthmon_config(folder / "ca.pem"), dns, plain, secure, late)
        finally:
            process.terminate()


async def both(peers: Peers, module: str, port: int, within: float = 5.5) -> tuple[Samples, Samples]:
    """What blackbox_exporter and healthmon say of a port."""
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": str(within)}
    parameters = {"target": f"127.0.0.1:{port}", "module": module}

    async def theirs() -> Samples:
        async with (
            aiohttp.ClientSession() as session,
            session.get(peers.blackbox, params=parameters, headers=headers) as response,
        ):
            assert response.status == 200
            return samples(await response.text())

    async with serving_probe(peers.config) as ask:
        their_samples, answer = await asyncio.gather(theirs(), ask(headers, **parameters))
    assert answer.status == 200, answer.text
    return their_samples, answer.samples


TIMES = {
    "probe_duration_seconds",
    "probe_dns_lookup_time_seconds",
    "probe_dns_duration_seconds",
    "probe_grpc_duration_seconds",
}


def compare(theirs: Samples, ours: Samples, differing: frozenset[str] = frozenset()) -> None:
    """The same names with the same labels, and, of all but the times and what the page says, the same values."""
    left_out = TIMES | differing
    assert names(theirs) - differing == names(ours) - differing
    assert {sample for sample in theirs if sample[0] in TIMES} == {sample for sample in ours if sample[0] in TIMES}
    assert {sample: value for sample, value in ours.items() if sample[0] not in left_out} == {
        sample: value for sample, value in theirs.items() if sample[0] not in left_out
    }


@pytest.mark.parametrize("name", DNS)
async def test_dns(name: str, peers: Peers) -> None:
    compare(*await both(peers, f"dns_{name}", peers.dns[0]))


async def test_a_dns_server_that_is_not_there(peers: Peers) -> None:
    compare(*await both(peers, "dns_a", free_port()))


async def test_a_dns_server_that_is_stopped(peers: Peers) -> None:
    os.kill(peers.dns[1], signal.SIGSTOP)
    try:
        theirs, ours = await both(peers, "dns_a", peers.dns[0], within=1)
    finally:
        os.kill(peers.dns[1], signal.SIGCONT)
    compare(theirs, ours)


# 0 there without TLS, so that an alert on it would fire; and absent here, as the page says.
PLAIN = frozenset({"probe_ssl_earliest_cert_expiry"})
# Here as of https; there only the two of them that it has always had.
SECURE = frozenset({"probe_ssl_last_chain_expiry_timestamp_seconds", "probe_ssl_last_chain_info"})
# Where the call has an error there is no word of TLS there.
FAILED = SECURE | {"probe_ssl_earliest_cert_expiry", "probe_tls_version_info", "probe_grpc_ssl"}


@pytest.mark.parametrize("name", GRPC)
async def test_grpc(name: str, peers: Peers) -> None:
    compare(*await both(peers, f"grpc_{name}", peers.plain.port), PLAIN)


@pytest.mark.parametrize("name", GRPC)
async def test_grpc_over_tls(name: str, peers: Peers) -> None:
    theirs, ours = await both(peers, f"grpcs_{name}", peers.secure.port)
    compare(theirs, ours, SECURE if ours["probe_grpc_status_code", ()] == 0 else FAILED)
    assert ours["probe_grpc_ssl", ()] == 1


async def test_a_certificate_that_has_expired(peers: Peers) -> None:
    theirs, ours = await both(peers, "grpcs_server", peers.late.port)
    compare(theirs, ours, PLAIN | SECURE)
    assert theirs["probe_success", ()] == 0


async def test_tls_where_there_is_none_and_the_reverse(peers: Peers) -> None:
    compare(*await both(peers, "grpcs_server", peers.plain.port), PLAIN)
    compare(*await both(peers, "grpc_server", peers.secure.port), PLAIN)


async def test_a_grpc_server_that_is_not_there(peers: Peers) -> None:
    compare(*await both(peers, "grpc_server", free_port()), PLAIN)


async def test_a_grpc_server_that_is_stopped(peers: Peers) -> None:
    os.kill(peers.plain.pid, signal.SIGSTOP)
    try:
        theirs, ours = await both(peers, "grpc_server", peers.plain.port, within=1)
    finally:
        os.kill(peers.plain.pid, signal.SIGCONT)
    compare(theirs, ours, PLAIN | {"probe_grpc_status_code"})
    assert (theirs["probe_grpc_status_code", ()], ours["probe_grpc_status_code", ()]) == (14, 4)


def test_the_configs_have_the_same_modules() -> None:
    """Each module is asked of both."""
    assert _blackbox_config().count("prober:") == _healthmon_config(Path("ca")).count("[modules.")
