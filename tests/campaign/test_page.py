"""The page of faults says what the campaign asserts."""

from tests.campaign.document import PAGE, with_rows


def test_the_page_is_current() -> None:
    """After a change to the rows: python -m tests.campaign.document."""
    page = PAGE.read_text(encoding="utf-8")

    assert with_rows(page) == page


def test_each_cause_that_a_network_can_have_is_on_the_page() -> None:
    """A cause that no row provokes is a cause that nobody has seen work."""
    from healthmon.core.model import Cause
    from tests.campaign.table import ROWS

    elsewhere = {
        Cause.VALUE,  # of probes to come
        Cause.UNHEALTHY,
        Cause.PROCESS,
        Cause.DEADLINE,  # of a whole run: tests/engine
        Cause.INTERRUPTED,
        Cause.OFFLINE,  # of the daemon
        Cause.INTERNAL,
    }

    assert set(Cause) - elsewhere == {row.cause for row in ROWS} - {None}
