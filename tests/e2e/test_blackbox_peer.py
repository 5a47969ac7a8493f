"""The real blackbox_exporter beside `/probe`, on the fault campaign's servers: the same success, the same metrics."""

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from string import Template

import aiohttp
import pytest
from msgspec import Struct

from tests.campaign.certificates import authority
from tests.campaign.row import SILENCE, Row
from tests.campaign.table import ROWS
from tests.loopback import needs_ipv6
from tests.programs.rights import needs_ping
from tests.web.probe.asking import LOOPBACK, Samples, names, samples, serving_probe

BLACKBOX = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")
PAGE = Path(__file__).parents[2] / "docs" / "from-blackbox.md"

pytestmark = pytest.mark.skipif(BLACKBOX is None, reason="needs apt-get install prometheus-blackbox-exporter")

BLACKBOX_CONFIG = """
modules:
  http_2xx: {prober: http}
  body: {prober: http, http: {fail_if_body_not_matches_regexp: [ok]}}
  ca: {prober: http, http: {tls_config: {ca_file: ca.pem}}}
  unverified: {prober: http, http: {tls_config: {insecure_skip_verify: true}}}
  tcp_connect: {prober: tcp}
  icmp: {prober: icmp}
  tls: {prober: tcp, tcp: {tls: true}}
  tls_ca: {prober: tcp, tcp: {tls: true, tls_config: {ca_file: ca.pem}}}
"""

HEALTHMON_CONFIG = Template(
    """
[modules.http_2xx]
$allow
[modules.body]
probe = "http"
follow_redirects = true
expect = { status = "2xx", body.matches = "ok" }
$allow
[modules.ca]
probe = "https"
follow_redirects = true
expect.status = "2xx"
tls.ca = "$ca"
$allow
[modules.unverified]
probe = "https"
expect.status = "2xx"
tls.verify = false
$allow
[modules.tcp_connect]
$allow
[modules.tls]
probe = "tls"
$allow
[modules.tls_ca]
probe = "tls"
tls.ca = "$ca"
$allow
"""
)

SUCCESS = ("probe_success", ())
CHAIN_EXPIRY = "probe_ssl_last_chain_expiry_timestamp_seconds"
TIMES = {
    "probe_duration_seconds",
    "probe_dns_lookup_time_seconds",
    "probe_http_duration_seconds",
    "probe_icmp_duration_seconds",
}
TRUST = 'tls.ca = "$ca"\n'
NAMED = re.compile(r'tls\.server_name = "(.*)"')


class Peer(Struct, frozen=True):
    """A row as both programs are asked for it."""

    row: Row
    module: str
    hostname: str | None = None

    @property
    def within(self) -> float:
        """Seconds in which the answer is wanted; few where it would take all of them, or never end."""
        return 0.5 + (SILENCE if self.row.fault.startswith(("Endless", "HTTP/2")) else self.row.timeout)

    def parameters(self, words: dict[str, str]) -> dict[str, str]:
        """The parameters of the request, the same for both."""
        target = Template(self.row.url).substitute(words).removeprefix("tcp://").removeprefix("tls://")
        asked = {"target": target, "module": self.module}
        return asked | ({"hostname": self.hostname} if self.hostname else {})


def peer(row: Row) -> Peer | None:
    """How to ask both for a row; None for what a name's addresses or a module of its own decide."""
    keys = row.keys.removeprefix(TRUST)
    trusting = keys != row.keys
    if "$name" in row.url or "service.example" in row.url or row.fault == "No file left on this machine":
        return None
    if row.url.startswith("tcp:"):
        return Peer(row, "tcp_connect") if not keys else None
    if row.url.startswith("tls:"):
        return Peer(row, "tls_ca" if trusting else "tls") if not keys else None
    if trusting and (named := NAMED.fullmatch(keys)):
        return Peer(row, "ca", named[1])
    modules = {
        "": "ca" if trusting else "http_2xx",
        'expect.body.contains = "ok"': "body",
        "follow_redirects = true\nexpect.status = 200": "http_2xx",
        "tls.verify = false": "unverified",
        "expect.status = 204": "http_2xx",
    }
    return Peer(row, modules[keys]) if keys in modules else None


PEERS = [found for found in map(peer, ROWS) if found is not None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both configs and the authority's certificate."""
    made = tmp_path_factory.mktemp("peer")
    authority().cert_pem.write_to_path(str(made / "ca.pem"))
    (made / "blackbox.yml").write_text(BLACKBOX_CONFIG)
    return made


@pytest.fixture(scope="module")
def blackbox(folder: Path) -> Iterator[str]:
    """The URL of a running blackbox_exporter."""
    assert BLACKBOX
    with subprocess.Popen(
        [BLACKBOX, "--config.file=blackbox.yml", "--web.listen-address=127.0.0.1:0"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        try:
            # It logs nothing but its start, unless something is wrong.
            heard = next(line for line in process.stderr if "Listening on" in line)
            yield f"http://{heard.partition(' address=')[2].split()[0]}/probe"
        finally:
            process.terminate()


async def ask_blackbox(url: str, parameters: dict[str, str], headers: dict[str, str]) -> Samples:
    """What blackbox_exporter answers."""
    async with aiohttp.ClientSession() as session, session.get(url, params=parameters, headers=headers) as response:
        assert response.status == 200
        return samples(await response.text())


def documented(heading: str) -> dict[str, list[str]]:
    """The rows of a table of the page: the first column to the others."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")][2:]
    return {first: rest for first, *rest in rows}


DISAGREEMENTS = documented("Where the two disagree")


@pytest.mark.parametrize("asked", PEERS, ids=lambda asked: asked.row.fault)
async def test_both_say_the_same(asked: Peer, folder: Path, blackbox: str) -> None:
    """Success, unless the page says otherwise and why; where both succeed, the same metrics with the same values."""
    if asked.row.ipv6 and not socket.has_ipv6:
        pytest.skip("needs IPv6")
    config = HEALTHMON_CONFIG.substitute(allow=LOOPBACK, ca=folder / "ca.pem")
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": str(asked.within)}
    async with asked.row.scene() as place, serving_probe(config) as ask:
        parameters = asked.parameters(place.words)
        theirs, answer = await asyncio.gather(ask_blackbox(blackbox, parameters, headers), ask(headers, **parameters))
    assert answer.status == 200, answer.text
    ours = answer.samples
    success = (theirs[SUCCESS] == 1, ours[SUCCESS] == 1)
    if asked.row.fault in DISAGREEMENTS:
        assert success == (True, False)
    else:
        assert success[0] == success[1]
    if success == (True, True):
        assert names(theirs) - names(ours) <= ({CHAIN_EXPIRY} if asked.module == "unverified" else set())
        assert names(ours) <= names(theirs)
        compared = [sample for sample in ours if sample[0] not in TIMES]
        assert {sample: ours[sample] for sample in compared} == {sample: theirs.get(sample) for sample in compared}


@needs_ping
@pytest.mark.parametrize("target", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
async def test_both_ping_alike(target: str, blackbox: str) -> None:
    """The same metrics, with the same values, and phases of the same names."""
    async with serving_probe(f"[modules.icmp]\n{LOOPBACK}") as ask:
        theirs = await ask_blackbox(blackbox, {"target": target, "module": "icmp"}, {})
        answer = await ask(target=f"[{target}]" if ":" in target else target, module="icmp")
    ours = answer.samples
    assert theirs[SUCCESS] == ours[SUCCESS] == 1
    assert theirs.keys() == ours.keys()
    assert {key: ours[key] for key in ours if key[0] not in TIMES} == {
        key: theirs[key] for key in theirs if key[0] not in TIMES
    }


def test_every_disagreement_is_one_of_a_row() -> None:
    """The page gives a reason for each, and for no other."""
    assert DISAGREEMENTS.keys() <= {asked.row.fault for asked in PEERS}
    assert all(why for *_, why in DISAGREEMENTS.values())


def test_there_are_many_targets() -> None:
    """Of every kind, and some that are healthy."""
    assert len(PEERS) >= 100
    assert {asked.module for asked in PEERS} == set(
        re.findall(r"^\[modules\.(\w+)\]", HEALTHMON_CONFIG.template, re.MULTILINE)
    )
