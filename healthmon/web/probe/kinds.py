"""How `/probe` treats each protocol, by the scheme of the URL that a target becomes."""

from collections.abc import Mapping

from healthmon.web.probe.contract import Kind
from healthmon.web.probe.dns import DNS
from healthmon.web.probe.grpc import GRPC
from healthmon.web.probe.http import HTTP
from healthmon.web.probe.tcp import TCP
from healthmon.web.probe.tls import TLS
from healthmon.web.probe.unix import UNIX

KINDS: Mapping[str, Kind] = {
    "http": HTTP,
    "https": HTTP,
    "unix": UNIX,
    "tcp": TCP,
    "tls": TLS,
    "dns": DNS,
    "grpc": GRPC,
    "grpcs": GRPC,
}
