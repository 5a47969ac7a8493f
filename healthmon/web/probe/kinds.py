"""How `/probe` treats each protocol, by the scheme of the URL that a target becomes."""

from collections.abc import Mapping

from healthmon.web.probe.contract import Kind
from healthmon.web.probe.databases import DATABASE
from healthmon.web.probe.dns import DNS
from healthmon.web.probe.docker import DOCKER
from healthmon.web.probe.exec import EXEC
from healthmon.web.probe.grpc import GRPC
from healthmon.web.probe.http import HTTP
from healthmon.web.probe.icmp import ICMP
from healthmon.web.probe.smtp import SMTP
from healthmon.web.probe.tcp import TCP
from healthmon.web.probe.tls import TLS
from healthmon.web.probe.udp import UDP
from healthmon.web.probe.unix import UNIX
from healthmon.web.probe.ws import WS

KINDS: Mapping[str, Kind] = {
    "http": HTTP,
    "https": HTTP,
    "unix": UNIX,
    "ws": WS,
    "wss": WS,
    "tcp": TCP,
    "tls": TLS,
    "udp": UDP,
    "icmp": ICMP,
    "dns": DNS,
    "smtp": SMTP,
    "smtps": SMTP,
    "grpc": GRPC,
    "grpcs": GRPC,
    "postgres": DATABASE,
    "postgresql": DATABASE,
    "redis": DATABASE,
    "rediss": DATABASE,
    "docker": DOCKER,
    "exec": EXEC,
}
