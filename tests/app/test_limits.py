"""What the daemon may use of the files that it may have open."""

import resource
import sys

import pytest

from healthmon.app.limits import daemon_clients, daemon_concurrency


@pytest.mark.parametrize(
    ("files", "checks", "clients"),
    [
        (64, 20, 8),
        (271, 123, 8),
        (272, 16, 100),
        (1024, 768, 100),
        (resource.RLIM_INFINITY, sys.maxsize, 100),
    ],
)
def test_files_are_enough_for_checks_and_clients(
    monkeypatch: pytest.MonkeyPatch, files: int, checks: int, clients: int
) -> None:
    """Where they are few, a check is left two: it may try two addresses at a time."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert (daemon_concurrency(None), daemon_clients()) == (checks, clients)
