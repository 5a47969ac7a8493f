"""What waits to be written: in order, bounded, and dropped by its worth."""

from healthmon.core.model import Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import State
from healthmon.engine.backlog import Backlog, Changes
from healthmon.engine.state_lines import Kept
from tests.make import result

CHECK = result()


def notice(number: int) -> Notice:
    """Any line that is no check."""
    return Notice(Severity.INFO, "numbered", str(number))


def kept(number: int) -> Kept:
    """Any state."""
    return Kept("f", State(verdict=Verdict.DOWN, failures=number))


def taken(backlog: Backlog, *, log: bool = True) -> tuple[Changes, str | None]:
    """What is to be written next, a notice by its number and a check as such."""
    changes, line = backlog.take(log=log)
    if line is None:
        return changes, None
    return changes, line.event.message if isinstance(line.event, Notice) else "check"


def test_a_line_comes_with_the_states_that_were_put_before_it() -> None:
    """And with no others."""
    backlog = Backlog(10)
    backlog.save("a", kept(1))
    backlog.save("b", kept(2))
    backlog.say(notice(1), 0.0)
    backlog.say(notice(2), 0.0)
    backlog.save("a", kept(3))
    backlog.say(notice(3), 0.0)
    backlog.save("a", kept(4))
    assert taken(backlog) == ([("a", kept(1)), ("b", kept(2))], "1")
    assert taken(backlog) == ([], "2")
    assert taken(backlog) == ([("a", kept(3))], "3")
    assert taken(backlog) == ([("a", kept(4))], None)
    assert taken(backlog) == ([], None)


def test_states_do_not_wait_for_a_log_that_takes_nothing() -> None:
    """The lines come later, and ask for no state that was taken."""
    backlog = Backlog(10)
    backlog.save("a", kept(1))
    backlog.say(notice(1), 0.0)
    backlog.save("a", kept(2))
    assert taken(backlog, log=False) == ([("a", kept(1)), ("a", kept(2))], None)
    backlog.save("a", kept(3))
    assert taken(backlog) == ([], "1")
    assert taken(backlog) == ([("a", kept(3))], None)


def test_of_too_many_lines_the_oldest_are_dropped() -> None:
    """The latest say how it is now."""
    backlog = Backlog(4)
    for number in range(10):
        backlog.say(notice(number), 0.0)
    assert backlog.take_unsaid() == {}
    assert [taken(backlog)[1] for _ in range(5)] == ["6", "7", "8", "9", None]
    assert backlog.take_uncounted() == {"log": 6}
    assert backlog.take_uncounted() == {}
    assert backlog.take_unsaid() == {"log": 6}
    assert backlog.take_unsaid() == {}


def test_checks_are_dropped_first() -> None:
    """They have half of the place, and push out nothing."""
    backlog = Backlog(4)
    for number in range(3):
        backlog.say(CHECK, 0.0)
        backlog.say(notice(number), 0.0)
    assert [taken(backlog)[1] for _ in range(5)] == ["check", "0", "1", "2", None]
    assert backlog.take_uncounted() == {"log": 2}


def test_after_too_many_states_all_are_to_be_written_anew() -> None:
    """With the latest of each service, those that were dropped included."""
    backlog = Backlog(2)
    for number in range(5):
        backlog.save(f"service-{number % 3}", kept(number))
    backlog.say(notice(1), 0.0)
    assert backlog.stale
    assert backlog.take_uncounted() == {"state": 3}
    assert backlog.take_all() == {"service-0": kept(3), "service-1": kept(4), "service-2": kept(2)}
    assert [backlog.stale] == [False]
    assert taken(backlog) == ([], "1")


def test_what_is_kept_replaces_what_was() -> None:
    """Services that are gone are gone from the file."""
    backlog = Backlog(2)
    backlog.save("a", kept(1))
    backlog.keep({"b": kept(2)})
    assert backlog.stale
    assert backlog.take_all() == {"b": kept(2)}


def test_lines_that_could_not_be_written_count() -> None:
    """As those that found no place."""
    backlog = Backlog(2)
    backlog.lost(3)
    assert backlog.take_uncounted() == {"log": 3}
    assert backlog.take_unsaid() == {"log": 3}
