"""A socket that sends echo requests to one address, and hears the replies and what routers say (icmp(7), raw(7))."""

import errno
import os
import socket
import struct
import sys
from typing import NamedTuple

from healthmon.core.model import Cause
from healthmon.net.clocks import Moment, enable_stamps, received, sent_now
from healthmon.net.lookups import AddressInfo
from healthmon.net.trace import ProbeFailed

_HEADER = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence number
_PAYLOAD = 56  # bytes, as ping(8) sends
_TOKEN = 16  # bytes

_SOL_RAW, _ICMP_FILTER, _ICMP6_FILTER = 255, 1, 1  # linux/socket.h, linux/icmp.h, linux/icmpv6.h
_IP_RECVTTL, _IP_RECVERR, _IPV6_RECVERR = 12, 11, 25  # linux/in.h, linux/in6.h
_ANCILLARY = 256  # bytes


class _Family(NamedTuple):
    """What differs between IPv4 and IPv6."""

    protocol: int
    level: int
    request: int
    reply: int
    errors: int
    want_hops: int
    hops: int


_FAMILIES = {
    socket.AF_INET: _Family(socket.IPPROTO_ICMP, socket.IPPROTO_IP, 8, 0, _IP_RECVERR, _IP_RECVTTL, socket.IP_TTL),
    socket.AF_INET6: _Family(
        socket.IPPROTO_ICMPV6,
        socket.IPPROTO_IPV6,
        128,
        129,
        _IPV6_RECVERR,
        socket.IPV6_RECVHOPLIMIT,
        socket.IPV6_HOPLIMIT,
    ),
}


class Reply(NamedTuple):
    """An echo reply.

    Attributes:
        number: The sequence number of its request.
        arrived: When it came.
        hop_limit: How many more hops it might have made; None if the kernel does not say.
    """

    number: int
    arrived: Moment
    hop_limit: int | None


class EchoSocket:
    """Sends and hears for one address. To be closed.

    It takes a ping socket where the kernel gives this user one (``net.ipv4.ping_group_range``), else a raw one
    (CAP_NET_RAW).

    Raises:
        ProbeFailed: The user may have neither (`local`).
        OSError: There is no way to the address, or no file left.
    """

    def __init__(self, address: AddressInfo) -> None:
        self._family = _FAMILIES[socket.AddressFamily(address[0])]
        self._token = os.urandom(_TOKEN)
        self._identifier = int.from_bytes(os.urandom(2))
        self._socket, self._raw = _open(address[0], self._family.protocol)
        try:
            self._prepare(address)
        except BaseException:
            self._socket.close()
            raise

    def _prepare(self, address: AddressInfo) -> None:
        family, made = self._family, self._socket
        made.setblocking(False)
        enable_stamps(made)
        made.setsockopt(family.level, family.errors, 1)
        made.setsockopt(family.level, family.want_hops, 1)
        if self._raw and family.protocol == socket.IPPROTO_ICMP:
            made.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("@I", ~(1 << family.reply) & 0xFFFFFFFF))
        elif self._raw:
            blocked = bytearray(b"\xff" * 32)
            struct.pack_into("@I", blocked, family.reply // 32 * 4, ~(1 << family.reply % 32) & 0xFFFFFFFF)
            made.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, bytes(blocked))
        made.connect(address[4])

    def fileno(self) -> int:
        """The socket's number, to wait for it."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def send(self, number: int) -> Moment:
        """Send a request.

        Raises:
            OSError: It cannot be sent, or a router has said that an earlier one cannot arrive.
        """
        payload = self._token + bytes(range(_PAYLOAD - _TOKEN))
        header = _HEADER.pack(self._family.request, 0, 0, self._identifier, number)
        if self._raw and self._family.protocol == socket.IPPROTO_ICMP:
            checksum = _checksum(header + payload)
            header = _HEADER.pack(self._family.request, 0, checksum, self._identifier, number)
        moment = sent_now()
        try:
            self._socket.send(header + payload)
        except OSError:
            self._forget_error()
            raise
        return moment

    def receive(self) -> Reply | None:
        """The next reply to one of the requests; None where what came is none.

        Raises:
            BlockingIOError: There is nothing more.
            OSError: A router, or the host, says that a request did not arrive.
        """
        try:
            data, ancillary, _, _ = self._socket.recvmsg(2**16, _ANCILLARY)
        except BlockingIOError:
            raise
        except OSError:
            self._forget_error()
            raise
        moment = received(ancillary)
        if self._raw and self._family.protocol == socket.IPPROTO_ICMP:
            data = data[(data[0] & 15) * 4 :]  # The IP header (RFC 791, 3.1).
        if len(data) < _HEADER.size + _TOKEN or data[_HEADER.size :][:_TOKEN] != self._token:
            return None
        kind, _, _, _, number = _HEADER.unpack_from(data)
        if kind != self._family.reply:
            return None
        hops = (
            int.from_bytes(value[:4], sys.byteorder)
            for level, name, value in ancillary
            if (level, name) == (self._family.level, self._family.hops)
        )
        return Reply(number, moment, next(hops, None))

    def _forget_error(self) -> None:
        """Read from the queue of errors: what is left there would wake whoever waits for the socket again and again."""
        try:
            self._socket.recvmsg(0, _ANCILLARY, socket.MSG_ERRQUEUE)
        except OSError:
            return


def _open(family: int, protocol: int) -> tuple[socket.socket, bool]:
    """The socket, and whether it is a raw one."""
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol), False
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EPROTONOSUPPORT):
            raise
    try:
        return socket.socket(family, socket.SOCK_RAW, protocol), True
    except PermissionError as error:
        raise ProbeFailed(Cause.LOCAL, "this program may not ping", "icmp.not_permitted") from error


def _checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
