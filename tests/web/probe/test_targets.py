"""What is kept of the targets that were asked for."""

import pytest

from healthmon.web.probe.asked import Asked
from healthmon.web.probe.contract import Refused
from healthmon.web.probe.targets import Targets
from tests.web.probe.asking import LOOPBACK, modules

OPEN = modules(f"[modules.http_2xx]\n{LOOPBACK}")
CLOSED = modules("")


def asked(port: int, hostname: str | None = None) -> Asked:
    """A request for a port of this machine."""
    return Asked(target=f"127.0.0.1:{port}", hostname=hostname)


def test_what_is_asked_for_again_is_not_made_again() -> None:
    targets = Targets()
    first = targets.find(OPEN, asked(1))
    assert targets.find(OPEN, asked(1)) is first
    assert (first.module, first.guard.allow) == (OPEN["http_2xx"], OPEN["http_2xx"].allow)
    named = targets.find(OPEN, asked(1, hostname="a.example"))
    assert named is not first
    assert named.service.options.headers == {"Host": "a.example"}


def test_what_is_kept_counts_for_its_module_only() -> None:
    """A reload that allows nothing more is obeyed at once."""
    targets = Targets()
    targets.find(OPEN, asked(1))
    with pytest.raises(Refused) as raised:
        targets.find(CLOSED, asked(1))
    assert raised.value.status == 403
    reloaded = modules(f"[modules.http_2xx]\ntimeout = 3\n{LOOPBACK}")
    assert targets.find(reloaded, asked(1)).service.timeout == 3


def test_no_more_are_kept_than_may_be() -> None:
    targets = Targets(most=2)
    first, second, third = (targets.find(OPEN, asked(port)) for port in (1, 2, 3))
    assert targets.find(OPEN, asked(3)) is third
    assert targets.find(OPEN, asked(2)) is second
    assert targets.find(OPEN, asked(1)) is not first
