"""Many services under watch: lag, CPU and memory of the daemon, in calm and in trouble.

``python -m benchmarks.scale [SERVICES] [SECONDS]`` (default 10,000 services, phases of 120 seconds) checks each service
every 30 s on a local server, and prints a line for each phase: all well; a tenth hanging until its timeout; well
again; all down. The figures of lag come from the daemon's own histogram, those of CPU and memory from /proc.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

ADDRESSES = 8
INTERVAL = 30


class Sample(NamedTuple):
    """What the daemon has counted so far.

    Attributes:
        at: Seconds, monotonic.
        cpu: Seconds of CPU.
        rss: Resident bytes.
        lag: Upper bound → how many checks began with no more lag.
        checks: Checks done.
        skipped: Checks that were due and did not take place.
    """

    at: float
    cpu: float
    rss: int
    lag: dict[float, float]
    checks: float
    skipped: float


class Watched:
    """A daemon at work."""

    def __init__(self, folder: Path, services: int, port: int) -> None:
        config = folder / f"{services}.toml"
        config.write_text(_config(services, port), encoding="utf-8")
        self._log = (folder / f"{services}.log").open("w+", encoding="utf-8")
        command = [sys.executable, "-m", "healthmon", "run", "--config", config, "--listen", "127.0.0.1:0"]
        self._process = subprocess.Popen(
            [*map(str, command), "--state", str(folder / f"{services}.state")], stderr=self._log
        )
        self._url = ""

    def wait_until_ready(self) -> None:
        """Until every service has been checked."""
        while not self._url:
            time.sleep(0.05)
            text = Path(self._log.name).read_text(encoding="utf-8")
            found = re.search(r"http://[^/\s]+/", text)
            self._url = found[0] if found else ""
            assert self._process.poll() is None, text
        while not self._answers("-/ready"):
            time.sleep(0.5)

    def _answers(self, path: str) -> bool:
        try:
            urllib.request.urlopen(self._url + path, timeout=30).close()
        except OSError:
            return False
        return True

    def sample(self) -> Sample:
        """What it has counted."""
        process = Path(f"/proc/{self._process.pid}")
        fields = (process / "stat").read_text().rpartition(") ")[2].split()
        at, cpu = time.monotonic(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        rss = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        with urllib.request.urlopen(self._url + "metrics", timeout=30) as answer:
            text = answer.read().decode()
        lag = {
            float(bound): float(value)
            for bound, value in re.findall(r'healthmon_scheduler_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
        }
        checks = sum(map(float, re.findall(r"^healthmon_checks_total\{.*\} (\S+)", text, re.MULTILINE)))
        skipped = sum(map(float, re.findall(r"^healthmon_checks_skipped_total\{.*\} (\S+)", text, re.MULTILINE)))
        return Sample(at, cpu, rss, lag, checks, skipped)

    def stop(self) -> float:
        """End it; returns the seconds that took."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)
        self._log.close()
        return time.monotonic() - began


def _config(services: int, port: int) -> str:
    head = f'[defaults]\ninterval = "{INTERVAL}s"\ntimeout = "10s"\n'
    return head + "".join(
        f'[[services]]\nname = "Service {n}"\nid = "s{n}"\ngroup = "g{n % 20}"\n'
        f'url = "http://127.0.0.{n % ADDRESSES + 1}:{port}/{n}"\n'
        for n in range(services)
    )


def quantile(before: Sample, after: Sample, part: float) -> float:
    """A quantile of the lag between two samples, in seconds, interpolated within its bucket."""
    counts = [(bound, after.lag[bound] - before.lag[bound]) for bound in sorted(after.lag)]
    wanted = part * counts[-1][1]
    lower, below = 0.0, 0.0
    for bound, count in counts:
        if count >= wanted:
            return lower + (bound - lower) * (wanted - below) / max(1.0, count - below)
        lower, below = bound, count
    return lower


def report(phase: str, before: Sample, after: Sample, services: int) -> None:
    """Print a line on a phase."""
    seconds = after.at - before.at
    median, worst = (quantile(before, after, part) * 1000 for part in (0.5, 0.99))
    print(
        f"{phase:14} lag p50 {median:6.2f} ms  p99 {worst:7.2f} ms"
        f"  CPU {(after.cpu - before.cpu) / seconds:5.1%}  checks {after.checks - before.checks:7.0f}"
        f" of {services * seconds / INTERVAL:7.0f}  skipped {after.skipped - before.skipped:.0f}"
        f"  RSS {after.rss / 2**20:.0f} MiB",
        flush=True,
    )


def main(services: int, seconds: float) -> None:
    """Measure."""
    command = [sys.executable, "-m", "benchmarks.scale_server", str(ADDRESSES)]
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        port = int(server.stdout.readline())
        small = Watched(Path(name), 1, port)
        small.wait_until_ready()
        base = small.sample().rss
        small.stop()

        began = time.monotonic()
        many = Watched(Path(name), services, port)
        many.wait_until_ready()
        print(f"{services} services: ready after {time.monotonic() - began:.1f} s, the first round included")
        before = many.sample()
        for phase, order in (
            ("all well", "ok"),
            ("a tenth hangs", f"hang {services // 10}"),
            ("well again", "ok"),
            ("all down", "down"),
        ):
            server.stdin.write(f"{order}\n")
            server.stdin.flush()
            time.sleep(seconds)
            after = many.sample()
            report(phase, before, after, services)
            before = after
            if phase == "all well":
                per_service = (after.rss - base) / services
                print(
                    f"{'':26} memory: {base / 2**20:.0f} MiB with one service, {per_service:.0f} bytes a service more"
                )
        print(f"stopped in {many.stop():.2f} s")
        server.stdin.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, float(sys.argv[2]) if len(sys.argv) > 2 else 120.0)
