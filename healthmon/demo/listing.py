"""What the demo tells when it waits for visitors."""

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from healthmon.config.hosts import bracketed
from healthmon.demo.services import DemoService


def list_services(
    services: Iterable[DemoService],
    faults: Mapping[str, str],
    *,
    host: str,
    config: Path | None = None,
    phase: int | None = None,
) -> str:
    """Say what listens where and what to type next.

    Args:
        services: What is started.
        faults: The faults ordered, by service.
        host: The address they listen on.
        config: The config that a check needs to be told of, or None where it finds one.
        phase: The last phase started, or None for all.
    """
    lines = ["The services of the demo listen:"]
    for service in services:
        fault = faults.get(service.id)
        line = f"  {service.id:<10} phase {service.phase}  http://{bracketed(host)}:{service.port}{service.path:<8}"
        lines.append(f"{line}  fault: {fault}" if fault else line.rstrip())
    check = ["healthmon", "check", host]
    check += ["--phase", str(phase)] if phase else []
    check += ["--config", str(config)] if config else []
    lines.append(f"Now type, in another terminal: {shlex.join(check)}")
    lines.append("Ctrl-C ends the demo.")
    return "\n".join(lines)
