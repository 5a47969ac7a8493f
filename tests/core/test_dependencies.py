"""One root explains all that hangs on it."""

from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.dependencies import attribute
from healthmon.core.model import Result, Verdict
from tests.make import result

UP, DOWN, DEGRADED, UNKNOWN = Verdict.UP, Verdict.DOWN, Verdict.DEGRADED, Verdict.UNKNOWN


def roots(*results: Result) -> dict[str, str | None]:
    """Service → what blocks it."""
    return {one.service.id: one.blocked_by for one in attribute(results)}


def test_a_failure_is_listed_under_its_root() -> None:
    """Through several failed services to the one that fails by itself."""
    assert roots(
        result("agents", DOWN, depends_on=("brain",)),
        result("brain", DOWN, depends_on=("postgres",)),
        result("postgres", DOWN),
    ) == {"agents": "postgres", "brain": "postgres", "postgres": None}


def test_the_verdict_stays_what_was_observed() -> None:
    """A service that answers well is up although its dependency is down."""
    up, _ = attribute([result("brain", UP, depends_on=("postgres",)), result("postgres", DOWN)])
    assert (up.verdict, up.blocked_by) == (UP, None)


def test_the_root_may_lie_behind_a_healthy_service() -> None:
    """A dependency of a dependency counts."""
    assert roots(
        result("agents", DOWN, depends_on=("brain",)),
        result("brain", UP, depends_on=("postgres",)),
        result("postgres", DOWN),
    ) == {"agents": "postgres", "brain": None, "postgres": None}


def test_only_what_is_down_is_a_root() -> None:
    """An unknown or degraded dependency explains nothing."""
    assert roots(
        result("agents", DOWN, depends_on=("brain", "auth")), result("brain", UNKNOWN), result("auth", DEGRADED)
    ) == {"agents": None, "brain": None, "auth": None}


def test_of_several_roots_the_first_in_config_order() -> None:
    """Not the first in `depends_on`."""
    assert roots(
        result("redis", DOWN), result("postgres", DOWN), result("brain", DOWN, depends_on=("postgres", "redis"))
    ) == {"redis": None, "postgres": None, "brain": "redis"}


def test_what_was_not_checked_is_ignored() -> None:
    """Disabled, or not selected."""
    assert roots(result("brain", DOWN, depends_on=("postgres",))) == {"brain": None}


def test_a_long_chain_takes_no_time_and_no_stack() -> None:
    """As many services as a large config has, each on the one before."""
    chain = [result("0", DOWN), *(result(str(n), DOWN, depends_on=(str(n - 1),)) for n in range(1, 5000))]
    for results in (chain, chain[::-1]):
        assert {one.blocked_by for one in attribute(results)} == {None, "0"}


def test_a_cycle_ends() -> None:
    """The config refuses one; here it must do no harm."""
    found = roots(result("a", DOWN, depends_on=("b",)), result("b", DOWN, depends_on=("a",)))
    assert found.keys() == {"a", "b"}


@given(st.data())
def test_a_root_fails_by_itself(data: st.DataObject) -> None:
    """In any graph without cycles: a failure is blocked exactly if a dependency failed, by one that is not blocked."""
    size = data.draw(st.integers(1, 7))
    results = [
        result(
            str(number),
            data.draw(st.sampled_from([UP, DOWN])),
            depends_on=tuple(map(str, data.draw(st.sets(st.integers(0, number - 1))))) if number else (),
        )
        for number in range(size)
    ]
    blocked = roots(*results)
    by_id = {one.service.id: one for one in results}
    for one in results:
        root = blocked[one.service.id]
        direct = [by_id[id_] for id_ in one.service.depends_on]
        if root is not None:
            assert one.verdict is by_id[root].verdict is DOWN
            assert blocked[root] is None
        elif one.verdict is DOWN:
            assert all(dependency.verdict is UP for dependency in direct)
