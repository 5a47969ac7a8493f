"""A real container engine: Podman, with storage of its own and an image that is made here.

Its folders' paths may have 50 characters at most.
"""

import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PROGRAMS = ("podman", "runc", "conmon")
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_COMMANDS = ("sh", "sleep", "false", "cat")
_IMAGE = "localhost/healthmon-test"


def _busybox() -> Path | None:
    found = shutil.which("busybox", path=_PATH)
    return Path(found) if found else None


def _lacks() -> str:
    missing = [name for name in (*_PROGRAMS, "busybox") if shutil.which(name, path=_PATH) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return "" if os.geteuid() == 0 else "containers are made by root here"


needs_podman = pytest.mark.skipif(bool(_lacks()), reason=_lacks() or "there is Podman")


class Podman:
    """The engine.

    Attributes:
        socket: Where it listens while it serves.
    """

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "s"
        self._folder = folder
        self._command = [
            *("podman", f"--root={folder / 'root'}", f"--runroot={folder / 'run'}", f"--tmpdir={folder / 'tmp'}"),
            *("--storage-driver=vfs", "--cgroup-manager=cgroupfs", "--runtime=runc", "--events-backend=file"),
        ]
        self._environ = {"PATH": _PATH, "HOME": str(folder)}

    def __call__(self, *arguments: str, expected: tuple[int, ...] = (0,)) -> str:
        """Run a command of Podman, which ends as expected. Returns what it said."""
        done = subprocess.run(
            [*self._command, *arguments],
            env=self._environ,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode in expected, done.stderr
        return done.stdout.strip()

    def remove(self, which: str) -> None:
        """Remove a container. One that is just being started again cannot be removed at every moment."""

        def removed() -> bool:
            try:
                self("rm", "--force", "--time=0", which)
            except AssertionError:
                return False
            return True

        self.await_(removed)

    def log(self, name: str) -> str:
        """What a container has said so far."""
        return Path(self("inspect", "-f", "{{.HostConfig.LogConfig.Path}}", name)).read_text(encoding="utf-8")

    def run(self, name: str, *words: str) -> None:
        """Start a container: options, ``--``, and the command."""
        options, command = words[: words.index("--")], words[words.index("--") + 1 :]
        limits = ("--ulimit=nofile=1024:4096", "--ulimit=nproc=1024:2048")
        self("run", "--detach", "--name", name, "--network=host", *limits, *options, _IMAGE, *command)

    def load(self) -> None:
        """Make the image, of a shell and a few commands."""
        busybox, image = _busybox(), self._folder / "image.tar"
        assert busybox
        with tarfile.open(image, "w") as tar:
            tar.add(busybox, "bin/busybox")
            for command in _COMMANDS:
                link = tarfile.TarInfo(f"bin/{command}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
        self("import", str(image), _IMAGE)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer on the socket, for as long as the block lasts."""
        arguments = [*self._command, "system", "service", "--time=0", f"unix://{self.socket}"]
        with (self._folder / "service.log").open("ab") as log:
            service = subprocess.Popen(arguments, env=self._environ, stdout=log, stderr=log, start_new_session=True)
        try:
            self.await_(self.socket.exists)
            yield
        finally:
            service.terminate()
            service.wait(timeout=20)
            self.socket.unlink(missing_ok=True)

    def await_(self, condition: Callable[[], bool]) -> None:
        """Ask until it holds."""
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextmanager
def podman(folder: Path) -> Iterator[Podman]:
    """The engine with its image, for as long as the block lasts; afterwards nothing of it runs."""
    engine = Podman(folder)
    engine.load()
    try:
        with engine.serving():
            yield engine
    finally:
        engine.remove("--all")
        # Whatever it has mounted for itself.
        subprocess.run(["umount", str(folder / "root")], capture_output=True, check=False)
