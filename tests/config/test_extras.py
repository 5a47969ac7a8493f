"""Libraries that are not installed are told before anything runs."""

import configparser

from msgspec import structs

from healthmon.config.extras import missing
from healthmon.probes import PROBES
from tests.conftest import ROOT


def test_what_is_missing_is_named_with_the_command_that_installs_it() -> None:
    """All of it in one line; nothing is said where nothing is missing."""
    probe = structs.replace(PROBES["tcp"], extra="dns", libraries=("msgspec", "no_such_library", "no_such.part"))
    assert missing(probe) == (
        "tcp:// needs no_such_library and no_such.part, which is not installed; run pip install 'healthmon[dns]'"
    )
    assert missing(PROBES["tcp"]) is None


def test_the_extra_all_has_what_every_probe_needs() -> None:
    """No more and no less, in the same versions."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    extras = {
        name: {line for line in text.splitlines() if line and not line.startswith("#")}
        for name, text in settings["options.extras_require"].items()
    }
    named = {probe.extra for probe in PROBES.values() if probe.extra is not None}
    assert extras["all"] == set().union(*(extras[name] for name in named))
