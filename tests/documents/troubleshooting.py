"""Writes what failures mean into its page: ``python -m tests.documents.troubleshooting``."""

from collections.abc import Mapping
from pathlib import Path

from healthmon.core.advice.causes import CAUSES, OF_SCHEMES, WITHOUT_PORT
from healthmon.core.advice.entry import Entry
from healthmon.core.advice.statuses import STATUSES
from healthmon.core.advice.symptoms import SYMPTOMS
from tests.documents.parts import renewed, table

PAGE = Path(__file__).parents[2] / "docs/troubleshooting.md"
COMMAND = "tests.documents.troubleshooting"

WORDS = {
    "id": "ID",
    "url": "URL",
    "scheme": "SCHEME",
    "host": "HOST",
    "port": "PORT",
    "address": "HOST:PORT",
    "timeout": "TIMEOUT",
    "by_hand": "`COMMAND`",
    "curl_i": "`curl -i URL`",
    "curl_s": "`curl -s URL`",
    "curl_head": "`curl -sD - -o /dev/null URL`",
    "container": "CONTAINER",
    "docker": "docker",
    "container_ps": " and whether `docker ps -a --filter name=CONTAINER` shows it up",
    "container_logs": ", and read `docker logs CONTAINER --tail 50`",
    "container_stats": " and `docker stats --no-stream CONTAINER`",
    "later": "LATER",
}
"""What stands on the page for the words that are filled in."""

_PROTOCOLS = {
    "name": "Names",
    "network": "The network",
    "tls": "Certificates and TLS",
    "http": "HTTP",
    "oauth2": "OAuth 2.0",
    "proxy": "Proxies",
    "tcp": "TCP",
    "udp": "UDP",
    "unix": "Socket files",
    "icmp": "Ping",
    "dns": "DNS",
    "websocket": "WebSocket",
    "ws": "WebSocket",
    "smtp": "SMTP",
    "grpc": "gRPC",
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "docker": "Containers",
    "exec": "Commands",
    "wait": "Waiting",
    "rollout": "Rollouts",
}


def part(name: str, now: str) -> str:
    """A part of the page, whatever stands there now."""
    del now
    match name:
        case "Causes":
            return _rows("Cause", {str(cause): entry for cause, entry in CAUSES.items()})
        case "Statuses":
            return _rows("Status", {str(status): entry for status, entry in STATUSES.items()})
        case "Causes without a port":
            return _rows("Cause", {str(cause): entry for cause, entry in WITHOUT_PORT.items()})
        case "Causes of schemes":
            entries = {
                f"{scheme}: {cause}": entry for scheme, own in OF_SCHEMES.items() for cause, entry in own.items()
            }
            return _rows("Scheme and cause", entries)
        case "Symptoms":
            return "\n".join(f"### {heading}\n\n{_rows('Symptom', rows)}" for heading, rows in _symptoms().items())
    raise KeyError(name)


def _symptoms() -> Mapping[str, Mapping[str, Entry]]:
    """The symptoms by the heading of their protocol, in the order of protocols."""
    found: dict[str, dict[str, Entry]] = {}
    for name, entry in sorted(SYMPTOMS.items(), key=lambda item: list(_PROTOCOLS).index(_protocol(item[0]))):
        found.setdefault(_PROTOCOLS[_protocol(name)], {})[name] = entry
    return found


def _protocol(symptom: str) -> str:
    return symptom.partition(".")[0]


def _rows(head: str, entries: Mapping[str, Entry]) -> str:
    rows = [
        [f"`{name}`", entry.explanation.format_map(WORDS), entry.next_step.format_map(WORDS)]
        for name, entry in entries.items()
    ]
    return table([head, "What it means", "Next step"], rows)


def written(page: str) -> str:
    """The page with its parts made anew."""
    return renewed(page, COMMAND, part)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
