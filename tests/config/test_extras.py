"""Libraries that are not installed are told before anything runs."""

from msgspec import structs

from healthmon.config.extras import missing
from healthmon.probes import PROBES


def test_what_is_missing_is_named_with_the_command_that_installs_it() -> None:
    """All of it in one line; nothing is said where nothing is missing."""
    probe = structs.replace(PROBES["tcp"], extra="dns", libraries=("msgspec", "no_such_library", "no_such.part"))
    assert missing(probe) == (
        "tcp:// needs no_such_library and no_such.part, which is not installed; run pip install 'healthmon[dns]'"
    )
    assert missing(PROBES["tcp"]) is None
