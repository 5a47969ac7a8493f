"""Several echo requests to one address, and the replies."""

import asyncio
from math import inf

from msgspec import Struct

from healthmon.net.clocks import Clock, Moment, spans
from healthmon.net.icmp.echo import EchoSocket

_LINGER = 1.0  # seconds


class Echoes(Struct):
    """What was sent and what came back. Mutable, so that what is cut short still tells how far it came.

    Attributes:
        sent: How many requests were sent.
        round_trips: The seconds of each reply, in the order in which they came.
        errors: The error numbers of requests that could not be sent, or of which a router said that they cannot
            arrive.
        hop_limit: That of the last reply.
        clock: What measured the round trips: the kernel, or the program where that measured one of them.
    """

    sent: int = 0
    round_trips: list[float] = []
    errors: list[int] = []
    hop_limit: int | None = None
    clock: Clock = "kernel"


async def ping(sock: EchoSocket, echoes: Echoes, *, count: int, interval: float, until: float) -> None:
    """Send requests, and hear until each is answered or lost.

    A request is lost that has no reply a second after the last one was sent, or four times as long as the slowest
    reply took. While nothing at all has come back it waits on and on: how long that makes sense is the caller's to say.

    Args:
        sock: The socket.
        echoes: Receives what is seen.
        count: How many to send.
        interval: Seconds between two of them.
        until: The moment of the loop's clock at which what has come back must do, if anything has.
    """
    loop = asyncio.get_running_loop()
    under_way: dict[int, Moment] = {}
    number, next_send = 0, loop.time()
    while True:
        _hear(sock, under_way, echoes)
        now, heard = loop.time(), bool(echoes.round_trips or echoes.errors)
        if number < count and now >= next_send and not (heard and now >= until):
            number += 1
            _send(sock, number, under_way, echoes)
            last_sent, next_send = now, max(next_send + interval, now)
            continue
        if number == count and not under_way:
            return
        ends = inf
        if heard:
            linger = last_sent + max(_LINGER, 4 * max(echoes.round_trips, default=0.0))
            ends = min(until, linger) if number == count else until
        if now >= ends:
            return
        await _readable(sock, min(ends, next_send if number < count else inf))


def _send(sock: EchoSocket, number: int, under_way: dict[int, Moment], echoes: Echoes) -> None:
    echoes.sent += 1
    try:
        under_way[number] = sock.send(number)
    except OSError as error:
        echoes.errors.append(error.errno or 0)


def _hear(sock: EchoSocket, under_way: dict[int, Moment], echoes: Echoes) -> None:
    """Take what has come."""
    while True:
        try:
            reply = sock.receive()
        except BlockingIOError:
            return
        except OSError as error:
            echoes.errors.append(error.errno or 0)
            if under_way:
                del under_way[next(iter(under_way))]  # Routers speak of them in their order.
            continue
        if reply is None or reply.number not in under_way:
            continue
        (seconds,), clock = spans(under_way.pop(reply.number), reply.arrived)
        echoes.round_trips.append(seconds)
        echoes.hop_limit = reply.hop_limit
        if clock == "user":
            echoes.clock = clock


async def _readable(sock: EchoSocket, until: float) -> None:
    """Wait until there is something to hear, or until a moment of the loop's clock."""
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    loop.add_reader(sock.fileno(), woken.set)
    try:
        async with asyncio.timeout_at(None if until == inf else until):
            await woken.wait()
    except TimeoutError:
        return
    finally:
        loop.remove_reader(sock.fileno())
