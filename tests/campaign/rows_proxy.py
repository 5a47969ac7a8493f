"""Faults of a proxy on the way. The service's own name is the proxy's to look up."""

from healthmon.core.model import Cause, Verdict
from tests.campaign.answers import OK, with_status
from tests.campaign.places import at, closed_port, full_port
from tests.campaign.row import SILENCE, Row
from tests.campaign.servers import reset, saying, serving, silent, unasked

UP, DOWN = Verdict.UP, Verdict.DOWN
HTTP, HTTPS = "http://service.example/", "https://service.example/"
PROXY = 'proxy = "http://127.0.0.1:$port"'

PROXY_ROWS = (
    Row("Good proxy", serving(saying(OK)), UP, None, "It hands on the request and the answer.", PROXY, HTTP),
    Row("Proxy refused", at(closed_port), DOWN, Cause.REFUSED, "Nothing listens on the proxy's port.", PROXY, HTTP),
    Row(
        "Proxy dead",
        at(full_port),
        DOWN,
        Cause.CONNECT_TIMEOUT,
        "The proxy's port drops what comes.",
        PROXY,
        HTTPS,
        timeout=SILENCE,
    ),
    Row(
        "Proxy wants credentials",
        serving(saying(with_status(b"407 Proxy Authentication Required"))),
        DOWN,
        Cause.AUTH,
        "407 is the proxy's own answer, not the service's.",
        PROXY,
        HTTP,
    ),
    Row(
        "Proxy wants credentials, https",
        serving(saying(with_status(b"407 Proxy Authentication Required"))),
        DOWN,
        Cause.AUTH,
        "407 is the proxy's own answer, not the service's.",
        PROXY,
        HTTPS,
    ),
    Row(
        "Proxy cannot reach the service",
        serving(saying(with_status(b"502 Bad Gateway"))),
        DOWN,
        Cause.STATUS,
        "Without TLS the proxy's 502 cannot be told from one of the service.",
        PROXY,
        HTTP,
    ),
    Row(
        "Proxy cannot reach the service, https",
        serving(saying(with_status(b"502 Bad Gateway"))),
        DOWN,
        Cause.UNREACHABLE,
        "No tunnel was opened: the proxy found no way to the service.",
        PROXY,
        HTTPS,
    ),
    Row(
        "Proxy allows no tunnel",
        serving(saying(with_status(b"403 Forbidden"))),
        DOWN,
        Cause.PROTOCOL,
        "Nothing was heard of the service.",
        PROXY,
        HTTPS,
    ),
    Row(
        "Proxy that says nothing",
        serving(silent),
        DOWN,
        Cause.CONNECT_TIMEOUT,
        "Until the tunnel is open there is no connection to the service.",
        PROXY,
        HTTPS,
        timeout=SILENCE,
    ),
    Row(
        "Proxy that breaks off",
        serving(reset),
        DOWN,
        Cause.RESET,
        "It closed the connection without an answer to CONNECT.",
        PROXY,
        HTTPS,
    ),
    Row(
        "Proxy that is none",
        serving(unasked(b"SSH-2.0-OpenSSH_9.2p1\r\n")),
        DOWN,
        Cause.PROTOCOL,
        "Another program has the port.",
        PROXY,
        HTTPS,
    ),
    Row(
        "Tunnel to silence",
        serving(saying(b"HTTP/1.1 200 Connection established\r\n\r\n", then=silent)),
        DOWN,
        Cause.TLS,
        "The tunnel is open, and nobody answers the handshake in it.",
        PROXY,
        HTTPS,
        timeout=SILENCE,
    ),
)
