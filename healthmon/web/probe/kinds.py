"""How `/probe` treats each protocol, by the scheme of the URL that a target becomes."""

from collections.abc import Mapping

from healthmon.web.probe.contract import Kind
from healthmon.web.probe.http import HTTP
from healthmon.web.probe.tcp import TCP
from healthmon.web.probe.tls import TLS

KINDS: Mapping[str, Kind] = {
    "http": HTTP,
    "https": HTTP,
    "tcp": TCP,
    "tls": TLS,
}
