"""A server that answers each request as it is told."""

import http.server
import json
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

    def __init__(self, port: int, answers: tuple[Answer, ...]) -> None:
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

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]

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
def scripted(*answers: Answer, port: int = 0) -> Iterator[Scripted]:
    """A server for as long as the block lasts: these answers, one a request, the last one again and again."""
    server = Scripted(port, answers)
    thread = threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()
