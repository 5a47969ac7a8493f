"""`healthmon check` on ten local services beside a shell loop of ten curls, and beside `curl --parallel`.

``python -m benchmarks.against_curl [ROUNDS]``. The three run in turn in each round; what counts is the ratio within a
round, of which the median is printed with its range.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVICES = 10


def main(rounds: int) -> None:
    """Measure with answers at once and with answers after 50 ms."""
    for delay in (0.0, 0.05):
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server", str(delay), str(SERVICES)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout
            compare(delay, server.stdout.readline().split(), rounds)
        finally:
            server.terminate()
            server.wait()


def compare(delay: float, ports: list[str], rounds: int) -> None:
    """Run the three in turn and print their times and ratios."""
    urls = [f"http://127.0.0.1:{port}/health" for port in ports]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "services.toml"
        config.write_text("".join(f'[[services]]\nname = "s{n}"\nurl = "{url}"\n' for n, url in enumerate(urls)))
        healthmon = [str(Path(sys.executable).with_name("healthmon")), "check", "--config", str(config)]
        loop = ["sh", "-c", 'for url; do curl -s -o /dev/null -w "%{http_code}\n" "$url"; done', "sh", *urls]
        parallel = ["curl", "-s", "-S", "--no-progress-meter", "--parallel", "-w", "%{http_code}\n"]
        for url in urls:
            parallel += ["-o", "/dev/null", url]
        times: dict[str, list[float]] = {"healthmon": [], "loop": [], "parallel": []}
        for number in range(rounds + 1):
            for name, command in (("healthmon", healthmon), ("loop", loop), ("parallel", parallel)):
                seconds = timed(command)
                if number:  # the first round warms the caches
                    times[name].append(seconds)
    print(f"answers after {delay * 1000:.0f} ms, {rounds} rounds:")
    for name, values in times.items():
        print(f"  {name:10} {statistics.median(values) * 1000:6.0f} ms")
    for other in ("loop", "parallel"):
        ratios = sorted(mine / theirs for mine, theirs in zip(times["healthmon"], times[other], strict=True))
        print(f"  healthmon / {other:9} {statistics.median(ratios):.2f}  ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def timed(command: list[str]) -> float:
    """Run a command to its end; it must succeed."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
