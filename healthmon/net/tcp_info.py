"""What the kernel knows of a TCP connection (``struct tcp_info`` in linux/tcp.h)."""

import socket
import struct
import sys

_SIZE = 104
_ROUND_TRIP = 68  # tcpi_rtt, in microseconds
_RETRANSMITS = 100  # tcpi_total_retrans


def connect_round_trip(sock: socket.socket) -> float | None:
    """The seconds from SYN to SYN-ACK of a connection that was just made.

    None where the kernel does not tell, and where the SYN was sent more than once: that has cost a second or more, of
    which the round trip knows nothing.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    except OSError:
        return None
    if len(info) < _SIZE:
        return None
    (microseconds,) = struct.unpack_from("@I", info, _ROUND_TRIP)
    (retransmits,) = struct.unpack_from("@I", info, _RETRANSMITS)
    return None if retransmits or not microseconds else float(microseconds) / 1e6
