"""What this user may do on this machine, and what is skipped where it may not."""

import shutil
import socket
import subprocess

import pytest

from healthmon.net.icmp.echo import EchoSocket
from healthmon.net.trace import ProbeFailed


def _may_ping() -> bool:
    try:
        EchoSocket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 0))).close()
    except ProbeFailed:
        return False
    return True


def _may_unshare() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    command = ["unshare", "--net", "ip", "link", "set", "lo", "up"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


needs_ping = pytest.mark.skipif(not _may_ping(), reason="this user may not ping: see net.ipv4.ping_group_range")
needs_namespace = pytest.mark.skipif(
    not _may_unshare(), reason="needs root and ip (apt-get install iproute2) for a network namespace"
)
