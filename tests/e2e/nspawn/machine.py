"""A booted machine: systemd runs in it as on a real one (systemd-nspawn(1))."""

import json
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

Done = subprocess.CompletedProcess[str]

_ENVIRON = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    # It has no network to install from.
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": "/mnt/wheels",
}


class NoMachine(Exception):
    """Raised when a machine cannot be made, or does not boot, on this system."""


class Machine:
    """Runs commands in a booted machine."""

    def __init__(self, leader: int) -> None:
        self._leader = leader

    def run(self, *command: str | Path, check: bool = True, text: str = "") -> Done:
        """Run a command as root; `text` is its standard input.

        Raises:
            AssertionError: It failed, and `check` is set.
        """
        variables = [f"{name}={value}" for name, value in _ENVIRON.items()]
        done = subprocess.run(
            ["nsenter", "--target", str(self._leader), "--all", "--", "env", "-i", *variables, *map(str, command)],
            input=text,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        assert not check or done.returncode == 0, f"{shlex.join(map(str, command))}: {done.stdout}{done.stderr}"
        return done

    def write(self, path: str, text: str, mode: str = "644") -> None:
        """Write a file, its folder made if need be."""
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, text=text)

    def show(self, unit: str, name: str) -> str:
        """A property of a unit, as `systemctl show` has it."""
        return self.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    @contextmanager
    def serving(self, unit: str, port: int, *command: str) -> Iterator[None]:
        """Run a server on the loopback as a transient unit; the block begins when it listens."""
        self.run("systemd-run", "--quiet", f"--unit={unit}", *command)
        try:
            connect = f"import socket; socket.create_connection(('127.0.0.1', {port})).close()"
            eventually(lambda: self.run("/usr/bin/python3", "-c", connect, check=False).returncode == 0)
            yield
        finally:
            self.run("systemctl", "stop", unit)

    def cursor(self) -> str:
        """Where the journal ends now."""
        self.run("journalctl", "--sync")
        return self.run("journalctl", "--lines=0", "--show-cursor").stdout.split("cursor: ")[1].strip()

    def journal(self, unit: str, after: str) -> list[dict[str, Any]]:
        """What a unit's own processes have written to the journal since a cursor."""
        self.run("journalctl", "--sync")
        lines = self.run("journalctl", "--quiet", "--output=json", f"--after-cursor={after}").stdout.splitlines()
        # journalctl, asked for one unit, leaves out the first entry after a cursor at another's.
        return [entry for entry in map(json.loads, lines) if entry.get("_SYSTEMD_UNIT") == unit]


def eventually(condition: Callable[[], Any], within: float = 20.0) -> Any:
    """Wait until a condition holds, and give what it gives."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.02)  # Between two questions to another process.
    return found


@contextmanager
def booted(root: Path, folder: Path, *, mounts: Mapping[Path, str]) -> Iterator[Machine]:
    """Boot the root, which is left as it is: what the machine writes is kept in memory.

    It has a network of its own, with nothing but its loopback. Folders are mounted read-only.

    Raises:
        NoMachine: It does not come up; with what it said.
    """
    nspawn = [
        # Whatever becomes of the tests, the machine goes with them.
        *("setpriv", "--pdeathsig", "TERM", "systemd-nspawn", f"--directory={root}", "--volatile=overlay", "--boot"),
        *("--register=no", "--keep-unit", "--notify-ready=yes", "--private-network", "--console=pipe", "--quiet"),
        *("--link-journal=no", "--resolv-conf=off", "--timezone=off", f"--machine=healthmon-{os.getpid()}"),
        *(f"--bind-ro={source}:{target}" for source, target in mounts.items()),
    ]
    with ExitStack() as stack:
        notices = stack.enter_context(closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)))
        notices.bind(str(folder / "notify"))
        notices.settimeout(0.5)
        process = subprocess.Popen(
            ["sh", "-c", _ENTER, "sh", *nspawn],
            stdin=subprocess.DEVNULL,
            stdout=stack.enter_context((folder / "console").open("wb")),
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "NOTIFY_SOCKET": str(folder / "notify"),
                # Several may boot the same root: none writes to it.
                "SYSTEMD_NSPAWN_LOCK": "0",
                "CGROUPS": " ".join(str(group) for group in stack.enter_context(_cgroups())),
            },
        )
        stack.callback(_end, process)
        leader = _wait_until_ready(process, notices)
        if leader is None:
            raise NoMachine(f"systemd-nspawn did not boot: {(folder / 'console').read_text(errors='replace')}")
        yield Machine(leader)


_ENTER = 'for group in $CGROUPS; do echo $$ >"$group/cgroup.procs"; done; exec "$@"'


@contextmanager
def _cgroups() -> Iterator[list[Path]]:
    """A cgroup for this machine alone in each hierarchy that systemd uses (cgroups(7)): it makes its own below it."""
    made = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "name=systemd"):
            names = ("systemd",) if controllers else ("unified", "")
            mount = next(Path("/sys/fs/cgroup", name) for name in names if Path("/sys/fs/cgroup", name).is_dir())
            made.append(mount / path.lstrip("/") / f"healthmon-test-{os.getpid()}")
            made[-1].mkdir(exist_ok=True)
    try:
        yield made
    finally:
        for group in made:
            for folder in sorted([group, *group.rglob("*/")], reverse=True):
                folder.rmdir()


def _wait_until_ready(process: subprocess.Popen[bytes], notices: socket.socket) -> int | None:
    """Wait until systemd in the machine says that it has started all; the number of its process, None if it ends."""
    said: dict[str, str] = {}
    deadline = time.monotonic() + 60
    while "READY" not in said:
        try:
            said |= dict(line.split("=", 1) for line in notices.recv(4096).decode().splitlines())
        except TimeoutError:
            if process.poll() is not None or time.monotonic() > deadline:
                return None
    return int(said["X_NSPAWN_LEADER_PID"])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Shut the machine down; twice asked, nspawn does it at once."""
    for patience in (20, 5):
        process.terminate()
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()
