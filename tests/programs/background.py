"""A program that runs beside a test, and what it says."""

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 30.0
"""Seconds after which a program that has not said what it should has failed the test."""


class Background:
    """A running program. Its output is kept, line by line."""

    def __init__(self, command: Sequence[str | Path], user: str | None = None) -> None:
        self._process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd="/",
        )
        self._said: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has said."""
        with self._news:
            return "".join(self._said)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until it has said a text so many times."""

        def said() -> bool:
            return self._ended or "".join(self._said).count(text) >= times

        with self._news:
            assert self._news.wait_for(said, _PATIENCE)
        assert self.log.count(text) >= times, self.log

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def end(self, number: signal.Signals) -> None:
        """End it, with a signal that it obeys even when it is stopped, and wait for that."""
        self._process.send_signal(number)
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._reader.join(_PATIENCE)
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self._said.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


@contextmanager
def running(
    command: Sequence[str | Path], ready: str, *, user: str | None = None, ends: signal.Signals = signal.SIGTERM
) -> Iterator[Background]:
    """Run a program from when it has said that it is ready, and end it."""
    program = Background(command, user)
    try:
        program.wait_for(ready)
        yield program
    finally:
        program.end(ends)
