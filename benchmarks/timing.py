"""The error of the reported `wait`, against a server that tells how long it really waited.

``python -m benchmarks.timing [SECONDS]``. Checks run at a fixed rate, with and without the event loop blocked for 50 ms
every half second. Beside healthmon's figure stands what the same program would report by its own clock.
"""

import asyncio
import statistics
import subprocess
import sys
import time

from healthmon.config.load import parse
from healthmon.core.model import Service, Stage
from healthmon.net.network import Network
from healthmon.net.trace import Trace
from healthmon.probes import PROBES

DELAY = 0.020


async def measure(port: int, rate: int, seconds: float, *, blocked: bool) -> None:
    """Check at a rate for some seconds, and print the errors."""
    service = parse(f'[[services]]\nname = "s"\nurl = "http://127.0.0.1:{port}/"\n').services[0]
    network = Network()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    errors: list[tuple[float, float, str]] = []

    async def one(number: int) -> None:
        await asyncio.sleep(begun + number / rate - loop.time())
        errors.append(await error_of_one(service, network))

    blocker = asyncio.create_task(block()) if blocked else None
    await asyncio.gather(*(one(number) for number in range(round(rate * seconds))))
    if blocker:
        blocker.cancel()
    network.close()
    for name, values in (
        ("healthmon", [error for error, _, _ in errors]),
        ("user time", [own for _, own, _ in errors]),
    ):
        cuts = statistics.quantiles(sorted(map(abs, values)), n=100)
        print(
            f"{rate:5} checks/s, loop {'blocked' if blocked else 'free   '}  {name:9}"
            f"  p50 {cuts[49] * 1000:7.3f} ms  p99 {cuts[98] * 1000:7.3f} ms"
        )
    by_kernel = sum(clock == "kernel" for _, _, clock in errors)
    print(f"{'':32} timed by the kernel: {by_kernel} of {len(errors)}")


async def error_of_one(service: Service, network: Network) -> tuple[float, float, str]:
    """The error of `wait` by healthmon and by a clock read in the program, and who timed it."""
    trace = WatchedTrace()
    await PROBES["http"].run(service, network, trace)
    outcome = trace.outcome()
    waited = int(dict(outcome.headers)["X-Waited"]) / 1e9
    assert outcome.timings.wait is not None
    own = time.monotonic() - trace.waiting_since
    return outcome.timings.wait - waited, own - waited, str(outcome.fact("clock"))


class WatchedTrace(Trace):
    """Notes, by the program's own clock, when the wait for the answer began."""

    waiting_since = 0.0

    def enter(self, stage: Stage) -> None:
        """Note the beginning of the wait."""
        if stage is Stage.WAIT:
            self.waiting_since = time.monotonic()
        super().enter(stage)


async def block() -> None:
    """Hold the event loop for 50 ms every half second."""
    while True:
        await asyncio.sleep(0.45)
        time.sleep(0.05)  # noqa: ASYNC251 - that is the point


def main(seconds: float) -> None:
    """Measure at three rates."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(DELAY), "1"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout
        port = int(server.stdout.readline())
        for rate in (100, 500, 1000):
            for blocked in (False, True):
                asyncio.run(measure(port, rate, seconds, blocked=blocked))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
