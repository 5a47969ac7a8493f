"""Places that a test has for itself: a network and a disk. They take root, and the kernel's leave."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_CLONE_NEWNET = 0x40000000

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def _call(name: str, *arguments: int) -> None:
    """Call a function of the C library that Python 3.11 does not have yet."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def ip(*arguments: str) -> None:
    """Change the network with iproute2."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextmanager
def own_network(*, loopback: bool = True) -> Iterator[None]:
    """A network without a way out: what this thread opens and starts in the block is in it, and nothing else.

    Args:
        loopback: Whether it has at least itself.
    """
    if shutil.which("ip") is None:
        pytest.skip("needs iproute2")
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            _call("unshare", _CLONE_NEWNET)
        except OSError as error:
            pytest.skip(f"needs a network namespace: {error}")
        try:
            if loopback:
                ip("link", "set", "lo", "up")
            yield
        finally:
            _call("setns", before, _CLONE_NEWNET)
    finally:
        os.close(before)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of this size (see tmpfs(5)), mounted on a new folder."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"needs to mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        # Lazily: the daemon may still have a file there.
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill_disk(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            pass
