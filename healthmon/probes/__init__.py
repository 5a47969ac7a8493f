"""The probes, by the scheme of the URL that chooses them."""

from collections.abc import Mapping

from healthmon.probes.contract import Probe
from healthmon.probes.dns import DNS
from healthmon.probes.docker import DOCKER
from healthmon.probes.exec import EXEC
from healthmon.probes.grpc import GRPC, GRPCS
from healthmon.probes.http import HTTP, HTTPS
from healthmon.probes.icmp import ICMP
from healthmon.probes.postgres import POSTGRES
from healthmon.probes.redis import REDIS, REDISS
from healthmon.probes.smtp import SMTP, SMTPS
from healthmon.probes.tcp import TCP
from healthmon.probes.tls import TLS
from healthmon.probes.udp import UDP
from healthmon.probes.unix import UNIX
from healthmon.probes.ws import WS, WSS

PROBES: Mapping[str, Probe] = {
    "http": HTTP,
    "https": HTTPS,
    "unix": UNIX,
    "ws": WS,
    "wss": WSS,
    "tcp": TCP,
    "tls": TLS,
    "udp": UDP,
    "icmp": ICMP,
    "dns": DNS,
    "smtp": SMTP,
    "smtps": SMTPS,
    "grpc": GRPC,
    "grpcs": GRPCS,
    "postgres": POSTGRES,
    "postgresql": POSTGRES,
    "redis": REDIS,
    "rediss": REDISS,
    "docker": DOCKER,
    "exec": EXEC,
}
