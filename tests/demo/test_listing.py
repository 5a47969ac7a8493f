"""What the demo tells when it waits."""

from pathlib import Path

from healthmon.demo import select_phase
from healthmon.demo.listing import list_services


def test_says_what_listens_where_and_what_to_type() -> None:
    text = list_services(select_phase(1), {"saleor": "hang"}, host="127.0.0.1")
    assert text.splitlines() == [
        "The services of the demo listen:",
        "  saleor     phase 1  http://127.0.0.1:8000/health/  fault: hang",
        "Now type, in another terminal: healthmon check 127.0.0.1",
        "Ctrl-C ends the demo.",
    ]


def test_names_the_config_where_a_check_would_find_none() -> None:
    """The line must work as it stands, also with a blank in the path."""
    text = list_services(select_phase(2), {}, host="::1", config=Path("/opt/my tools/services.toml"), phase=2)
    assert "http://[::1]:8001/health" in text
    assert "healthmon check ::1 --phase 2 --config '/opt/my tools/services.toml'" in text
