"""The four phases of the ten services, deployed and taken back by commands that start and stop real servers."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from healthmon.demo import SERVICES
from tests.conftest import ROOT
from tests.ports import free_port

NAMES = {1: "shop", 2: "core", 3: "applications", 4: "commerce"}
_PROGRAM = shlex.join([sys.executable, "-S", "-E", str(ROOT / "tests/programs/phased.py")])


class Deployment:
    """A folder with a rollout, the services that it is for, and the servers that it has started.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = {service.id: free_port() for service in SERVICES}
        services = [
            f'[[services]]\nid = "{one.id}"\nname = "{one.name}"\nurl = "http://{{host}}:{self._ports[one.id]}/"\n'
            f"phase = {one.phase}\n"
            for one in SERVICES
        ]
        self.write("services.toml", 'host = "127.0.0.1"\n[defaults]\ntimeout = "5s"\n' + "".join(services))
        self.rollout()

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def up(self, phase: int, *, without: str | None = None) -> str:
        """The command that starts a phase's servers, but for one."""
        ports = [self._ports[one.id] for one in SERVICES if one.phase == phase and one.id != without]
        return f"{_PROGRAM} up . {NAMES[phase]} {' '.join(map(str, ports))}"

    def down(self, phase: int) -> str:
        """The command that stops them."""
        return f"{_PROGRAM} down . {NAMES[phase]}"

    def rollout(self, head: str = "", *, timeout: str = "30s", **commands: str | None) -> None:
        """Write the rollout's file.

        Args:
            head: What stands at its top, beside the services' config.
            timeout: Within which time services are to be healthy.
            commands: Commands instead of the usual ones, as `deploy3` or `rollback3`, or None for no rollback.
        """
        text = f'config = "services.toml"\nshell = true\ngrace = "1s"\n{head}\n'
        for phase, name in NAMES.items():
            text += f'[[phase]]\nname = "{name}"\nphase = {phase}\ntimeout = "{timeout}"\n'
            text += f"deploy = {json.dumps(commands.get(f'deploy{phase}', self.up(phase)))}\n"
            back = commands.get(f"rollback{phase}", self.down(phase))
            text += f"rollback = {json.dumps(back)}\n" if back else ""
        self.write("rollout.toml", text)

    def start(
        self, *arguments: str, file: str = "rollout.toml", stdout: int = subprocess.PIPE, **environ: str
    ) -> "subprocess.Popen[str]":
        """Start a rollout."""
        return subprocess.Popen(
            [sys.executable, "-m", "healthmon", "rollout", file, *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": "/", "PYTHONPATH": str(ROOT), **environ},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str, file: str = "rollout.toml", **environ: str) -> "subprocess.CompletedProcess[str]":
        """Carry out a rollout."""
        with self.start(*arguments, file=file, stdout=subprocess.PIPE, **environ) as process:
            stdout, stderr = process.communicate(timeout=90)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def journal(self) -> list[dict[str, Any]]:
        """What the journal tells, as far as it is sound."""
        path = self.folder / "rollout.journal.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines if line[:1] == "{" and line[-1:] == "}"]

    def began(self) -> list[str]:
        """The actions that were begun, such as ``deploy shop``."""
        return [f"{one['action']} {one['phase']}" for one in self.journal() if one["event"] == "began"]

    def serving(self) -> list[str]:
        """The phases whose servers run."""
        return [name for name in NAMES.values() if (self.folder / f"{name}.pid").exists()]

    def pid(self, name: str) -> int:
        """The process that serves a phase."""
        return int((self.folder / f"{name}.pid").read_text())


@contextmanager
def deployment(folder: Path) -> Iterator[Deployment]:
    """A deployment, whose servers are stopped at the end whatever happened."""
    try:
        yield Deployment(folder)
    finally:
        for file in folder.glob("*.pid"):
            with suppress(ProcessLookupError, ValueError):
                os.kill(int(file.read_text()), signal.SIGKILL)
