"""The demo's servers: one listening socket a service, with or without a fault."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from healthmon.demo.answers import Answer, json_answer
from healthmon.demo.faults import SLOW_DELAY, Fault
from healthmon.demo.http import (
    BadRequest,
    Request,
    choose_answer,
    finish,
    read_request,
    read_to_end,
    render,
    render_bad_request,
)
from healthmon.demo.services import DemoService

GARBAGE = b"SSH-2.0-OpenSSH_9.6\r\n\x00\xff\xfe\x1b[31mnot HTTP at all\r\n\r\n"

_STEPS_TO_ARRIVE = 3
"""Steps of the event loop: to make a transport, to tell of it, and to begin the conversation."""


class DemoServer:
    """One service at work on a socket that is already bound.

    Args:
        service: What it plays.
        listener: The bound socket, listening unless the fault is `closed`. The server closes it.
        fault: How it fails, or None.
    """

    def __init__(self, service: DemoService, listener: socket.socket, fault: Fault | None = None) -> None:
        self._service = service
        self._listener = listener
        self._fault = fault
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Answer connections. With the fault `closed` the port stays bound, and the kernel refuses them."""
        if self._fault is not Fault.CLOSED:
            self._server = await asyncio.start_server(self._accept, sock=self._listener)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server:
            # asyncio loses a connection that it has just accepted when its server closes: let it arrive first.
            asyncio.get_running_loop().remove_reader(self._listener)
            for _ in range(_STEPS_TO_ARRIVE):
                await asyncio.sleep(0)
            self._server.close()
        self._listener.close()
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.create_task(self._converse(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(partial(self._ended, writer))

    def _ended(self, writer: asyncio.StreamWriter, conversation: "asyncio.Task[None]") -> None:
        self._conversations.discard(conversation)
        if conversation.cancelled():
            writer.transport.abort()  # Cancelled before its first step, nobody else would.

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await read_request(reader)
            if request:
                await self._answer(request, reader, writer)
        except BadRequest as error:
            writer.write(render_bad_request(self._service, error.status))
            await finish(reader, writer)
        except ConnectionError:
            pass  # The client has gone; that is its right.
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(SLOW_DELAY if self._fault is Fault.SLOW else self._service.delay)
        if self._fault is Fault.HANG:
            await read_to_end(reader)
        elif self._fault is Fault.RESET:
            _reset(writer)
        else:
            writer.write(self._bytes(request))
            await finish(reader, writer)

    def _bytes(self, request: Request) -> bytes:
        if self._fault is Fault.GARBAGE:
            return GARBAGE
        answer = choose_answer(self._service, request)
        if self._fault in _ANSWERS:
            answer = _ANSWERS[self._fault](self._service)
        return render(self._service, answer, body=request.method != "HEAD")


def _reset(writer: asyncio.StreamWriter) -> None:
    # Closing with a linger time of zero sends RST instead of FIN (socket(7)).
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _unhealthy(service: DemoService, status: int) -> Answer:
    document = {
        "status": "unhealthy",
        "service": service.id,
        "checks": [{"name": "postgres", "state": "failed", "error": "connection to 127.0.0.1:5433 refused"}],
    }
    return json_answer(document, status)


_ANSWERS: dict[Fault | None, Callable[[DemoService], Answer]] = {
    Fault.UNAVAILABLE: lambda service: _unhealthy(service, 503),
    Fault.WRONG_JSON: lambda service: _unhealthy(service, 200),
    Fault.SERVER_ERROR: lambda service: service.framework.server_error,
    Fault.NOT_FOUND: lambda service: service.framework.not_found,
}
