"""TCP: whether a port accepts connections, and what is said there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from healthmon.core.model import Cause, Service, Stage
from healthmon.net.network import Network
from healthmon.net.raw import as_text, to_send
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe

if TYPE_CHECKING:
    from healthmon.net.stamps import StampedSocket

_LONGEST = 2**10  # bytes
_PAUSE = 0.5  # seconds: longer than one lost segment takes to be sent again
_PAUSE_IN_LINE = 1.0  # seconds: most greetings are lines, and a line has an end of its own; a prompt has none


class TcpOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a TCP service.

    Attributes:
        send: What to send, as text; what comes back is the answer, and there must be one.
        send_hex: The same, as bytes in hexadecimal.
    """

    send: str | None = None
    send_hex: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        to_send(self.send, self.send_hex)


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Connect; send what is to be sent; hear what the server says, if there is something to send or to expect.

    The facts are those of `Network.connect`, and `banner`.
    """
    address = service.address
    sock = await network.connect(address.host, address.port, service.options, trace)
    with sock:
        if not _converses(service):
            return
        heard = await _converse(sock, to_send(service.options.send, service.options.send_hex), trace)
        trace.fact("banner", as_text(heard).rstrip("\r\n"))


async def _converse(sock: "StampedSocket", sent: bytes, trace: Trace) -> bytes:
    import asyncio

    from healthmon.net.raw import hear

    sock.note_turn()
    try:
        await asyncio.get_running_loop().sock_sendall(sock, sent)
        return await hear(sock, trace, limit=_LONGEST, pause=_PAUSE if sent else _PAUSE_IN_LINE, line=not sent)
    except OSError as error:
        raise ProbeFailed(Cause.RESET, "connection reset without an answer") from error
    finally:
        times = sock.exchange()
        if times.wait is not None:
            trace.spent(Stage.WAIT, times.wait)
            trace.spent(Stage.TRANSFER, times.transfer or 0.0)
        trace.fact("clock", times.clock)


def _converses(service: Service) -> bool:
    options: TcpOptions = service.options
    demands = (*service.expect.values, *service.warn.values)
    return bool(demands) or (options.send, options.send_hex) != (None, None)


def _by_hand(service: Service) -> str:
    how = "-v" if _converses(service) else "-vz"
    return f"nc {how} -w {max(1, round(service.timeout))} {service.address.host} {service.address.port}"


def _asks(service: Service) -> Iterator[str]:
    if _converses(service):
        yield as_text(to_send(service.options.send, service.options.send_hex)) or "nothing: the server speaks first"


TCP = Probe(
    name="tcp",
    default_port=None,
    options=TcpOptions,
    expectations=frozenset({"latency", "banner"}),
    run=_run,
    path=False,
    by_hand=_by_hand,
    asks=_asks,
)
