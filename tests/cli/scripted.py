"""A server that answers each request as it is told."""

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Answer = tuple[int, Any] | None
"""A status and what the body says as JSON; None to accept the request and never answer."""

OK: Answer = (200, {"status": "healthy", "version": "1.4.2"})
OLD: Answer = (200, {"status": "healthy", "version": "1.4.1"})
BUSY: Answer = (503, {"status": "starting"})


class Scripted:
    """The server.

    Attributes:
        port: Where it listens.
        asked: How many requests have come.
    """

    def __init__(self, bound: socket.socket, answers: tuple[Answer, ...]) -> None:
        self.asked = 0
        self._answers = answers
        self._ended = threading.Event()
        script = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = script.next_answer()
                if answer is None:
                    script.wait()
                    return
                body = json.dumps(answer[1]).encode()
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(bound.getsockname(), Handler, bind_and_activate=False)
        self.server.socket.close()
        self.server.socket = bound
        self.server.server_activate()
        self.port = bound.getsockname()[1]

    def next_answer(self) -> Answer:
        """The answer to the next request; the last one is repeated."""
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]

    def wait(self) -> None:
        """Wait until the server ends."""
        self._ended.wait()

    def end(self) -> None:
        """Stop, and let go whoever waits for an answer."""
        self._ended.set()
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def closed() -> Iterator[socket.socket]:
    """A port that is taken, and where nothing listens: connections are refused."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound


@contextmanager
def scripted(*answers: Answer, bound: socket.socket | None = None) -> Iterator[Scripted]:
    """A server for as long as the block lasts: these answers, one a request, the last one again and again.

    Args:
        answers: The answers.
        bound: Where it is to listen; by default on a port that is free.
    """
    if bound is None:
        bound = socket.socket()
        bound.bind(("127.0.0.1", 0))
    server = Scripted(bound, answers)
    thread = threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()
