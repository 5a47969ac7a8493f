"""What INFO of Redis says."""

from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.redis.info import fields_of, record_info
from healthmon.net.trace import Trace

_FOLLOWER = "ip=127.0.0.1,port=6380,state={},offset={},lag={}"


def facts(**fields: str) -> dict[str, object]:
    """The facts that these fields tell."""
    trace = Trace()
    record_info(fields, trace)
    return {fact.name: fact.value for fact in trace.outcome().facts}


def test_the_fields_are_lines() -> None:
    """A value may hold what parts names from values."""
    text = "# Server\r\nredis_version:7.0.15\r\n\r\nexecutable:/usr/bin/a:b\r\nodd\r\n"
    assert fields_of(text) == {"redis_version": "7.0.15", "executable": "/usr/bin/a:b"}


def test_the_lag_of_a_primary_is_that_of_the_last() -> None:
    """In seconds and in bytes, which may be two replicas."""
    met = facts(
        role="master",
        connected_slaves="2",
        master_repl_offset="1000",
        slave0=_FOLLOWER.format("online", 400, 1),
        slave1=_FOLLOWER.format("online", 990, 7),
    )
    assert met == {"role": "master", "replicas": 2, "replica_lag": 7, "replica_lag_bytes": 600}


def test_a_replica_that_does_not_follow_yet_has_no_lag() -> None:
    """So that what is demanded of it fails."""
    both = {"slave0": _FOLLOWER.format("online", 400, 1), "slave1": _FOLLOWER.format("wait_bgsave", 0, 0)}
    assert facts(role="master", connected_slaves="2", master_repl_offset="1000", **both) == {
        "role": "master",
        "replicas": 2,
    }


def test_the_lag_of_a_replica() -> None:
    """While the link is up, while it is down, and where it never was up."""
    replica = {"role": "slave", "master_last_io_seconds_ago": "3", "master_link_down_since_seconds": "90"}
    assert facts(**replica, master_link_status="up")["replica_lag"] == 3
    assert facts(**replica, master_link_status="down")["replica_lag"] == 90
    replica["master_link_down_since_seconds"] = "-1"
    assert "replica_lag" not in facts(**replica, master_link_status="down")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """A server may say what it likes."""
    fields = fields_of(text)
    record_info({**fields, "role": text, "loading": text, "used_memory": text, "slave0": text}, Trace())
