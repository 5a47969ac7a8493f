"""Faults before a connection stands."""

import socket

from healthmon.core.model import Cause, Verdict
from tests.campaign.answers import OK
from tests.campaign.places import (
    at,
    closed_port,
    dual_stack,
    failing,
    full_port,
    hanging_resolver,
    named,
    no_file_left,
    resolving,
)
from tests.campaign.row import SILENCE, Row
from tests.campaign.servers import saying, serving

UP, DOWN, UNKNOWN = Verdict.UP, Verdict.DOWN, Verdict.UNKNOWN
BY_NAME = "http://$name:$port/"
BY_NAME_ALONE = "http://$name/"
TCP = "tcp://127.0.0.1:$port"
BROADCAST = "255.255.255.255"
"""An address to which no kernel makes a TCP connection: it refuses before a packet leaves."""

NETWORK_ROWS = (
    Row(
        "Name not found",
        named(failing(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))),
        DOWN,
        Cause.DNS,
        "The resolver says that there is no such name.",
        url=BY_NAME_ALONE,
    ),
    Row(
        "Name without an address",
        named(resolving()),
        DOWN,
        Cause.DNS,
        "The name exists and has no address.",
        url=BY_NAME_ALONE,
    ),
    Row(
        "Resolver fails",
        named(failing(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))),
        DOWN,
        Cause.DNS,
        "No resolver answered.",
        url=BY_NAME_ALONE,
    ),
    Row(
        "Resolver hangs",
        hanging_resolver,
        DOWN,
        Cause.DNS,
        "The timeout covers the name, although a lookup cannot be cancelled.",
        url=BY_NAME_ALONE,
        timeout=SILENCE,
    ),
    Row(
        "Name that no resolver can be asked for",
        named(failing(UnicodeError("label empty or too long"))),
        DOWN,
        Cause.DNS,
        "Python refuses a label of more than 63 characters (RFC 1035, 2.3.4) before it asks a resolver.",
        url=BY_NAME_ALONE,
    ),
    Row(
        "IPv4 demanded of a name with IPv6 only",
        named(resolving("::1")),
        DOWN,
        Cause.DNS,
        "The name has no address that may be used.",
        keys='ip = "4"',
        url=BY_NAME_ALONE,
    ),
    Row(
        "Unroutable",
        named(resolving(BROADCAST)),
        DOWN,
        Cause.UNREACHABLE,
        "This machine's kernel knows no way to the address.",
        url=BY_NAME_ALONE,
    ),
    Row(
        "Link-local address without its zone",
        named(resolving("fe80::1")),
        DOWN,
        Cause.UNREACHABLE,
        "Without an interface the kernel knows no way to it (RFC 4007).",
        url=BY_NAME_ALONE,
        ipv6=True,
    ),
    Row(
        "Refused",
        at(closed_port),
        DOWN,
        Cause.REFUSED,
        "Nothing listens on the port.",
    ),
    Row(
        "Refused, tcp",
        at(closed_port),
        DOWN,
        Cause.REFUSED,
        "Nothing listens on the port.",
        url=TCP,
    ),
    Row(
        "Refused by IPv6",
        at(lambda: closed_port("::1")),
        DOWN,
        Cause.REFUSED,
        "Nothing listens on the port.",
        url="http://[::1]:$port/",
        ipv6=True,
    ),
    Row(
        "Connect timeout",
        at(full_port),
        DOWN,
        Cause.CONNECT_TIMEOUT,
        "The port drops what comes: a firewall, or a server that does not accept any more.",
        timeout=SILENCE,
    ),
    Row(
        "Connect timeout, tcp",
        at(full_port),
        DOWN,
        Cause.CONNECT_TIMEOUT,
        "The port drops what comes: a firewall, or a server that does not accept any more.",
        url=TCP,
        timeout=SILENCE,
    ),
    Row(
        "Connect timeout, https",
        at(full_port),
        DOWN,
        Cause.CONNECT_TIMEOUT,
        "The port drops what comes: a firewall, or a server that does not accept any more.",
        url="https://127.0.0.1:$port/",
        timeout=SILENCE,
    ),
    Row(
        "IPv6 only",
        serving(saying(OK), "::1"),
        UP,
        None,
        "An IPv6 address in brackets is as good as any.",
        url="http://[::1]:$port/",
        ipv6=True,
    ),
    Row(
        "IPv6 refused, IPv4 alive",
        dual_stack(saying(OK), closed_port, dead_host="::1"),
        UP,
        None,
        "All addresses of a name are tried.",
        url=BY_NAME,
        ipv6=True,
    ),
    Row(
        "IPv6 dead, IPv4 alive",
        dual_stack(saying(OK), full_port, dead_host="::1"),
        UP,
        None,
        "The next address is tried after a quarter of a second of silence (RFC 8305).",
        url=BY_NAME,
        ipv6=True,
    ),
    Row(
        "IPv4 refused, IPv6 alive",
        dual_stack(saying(OK), closed_port, dead_host="127.0.0.1"),
        UP,
        None,
        "All addresses of a name are tried.",
        url=BY_NAME,
        ipv6=True,
    ),
    Row(
        "IPv6 unroutable, IPv4 refused",
        at(closed_port, resolving("ff02::1", "127.0.0.1")),
        DOWN,
        Cause.REFUSED,
        "The host itself refused, which tells more than that this machine has no IPv6.",
        url="http://service.example:$port/",
        ipv6=True,
    ),
    Row(
        "IPv6 refused, IPv4 silent",
        at(full_port, resolving("::1", "127.0.0.1")),
        DOWN,
        Cause.CONNECT_TIMEOUT,
        "The address that is silent may be the one that lives.",
        url="http://service.example:$port/",
        timeout=SILENCE,
        ipv6=True,
    ),
    Row(
        "No file left on this machine",
        no_file_left,
        UNKNOWN,
        Cause.LOCAL,
        "Whether the service is healthy could not be found out, and that is no fault of its own.",
    ),
)
