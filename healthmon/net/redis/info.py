"""What INFO of Redis says, as facts."""

import re
from collections.abc import Mapping

from healthmon.core.model import FactValue
from healthmon.net.trace import Trace

_FOLLOWING = re.compile(r"\bstate=online,offset=(?P<offset>[0-9]{1,18}),lag=(?P<lag>[0-9]{1,9})\b")


def fields_of(text: str) -> dict[str, str]:
    """The fields of an answer to INFO: lines of names and values, with comments between them."""
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: value for name, colon, value in lines if colon}


def record_info(info: Mapping[str, str], trace: Trace) -> None:
    """Record the facts that the fields of INFO tell, of a primary or of a replica. What is not there is left out."""
    present = _Present(trace)
    present.fact("server_version", info.get("redis_version"))
    present.fact("role", info.get("role"))
    present.fact("master_link_status", info.get("master_link_status"))
    present.fact("connected_clients", _number(info.get("connected_clients")))
    present.fact("used_memory", _number(info.get("used_memory")))
    present.fact("maxmemory", _number(info.get("maxmemory")))
    present.fact("replicas", _number(info.get("connected_slaves")))
    present.fact("loading", info["loading"] != "0" if "loading" in info else None)
    if info.get("role") == "slave":
        present.fact("replica_lag", _lag_of_replica(info))
        return
    seconds, size = _lags_of_primary(info)
    present.fact("replica_lag", seconds)
    present.fact("replica_lag_bytes", size)


class _Present:
    """Records what there is."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def fact(self, name: str, value: FactValue) -> None:
        if value is not None:
            self._trace.fact(name, value)


def _lag_of_replica(info: Mapping[str, str]) -> int | None:
    """The seconds since it heard from its primary, or since the link to it went down; None if it never was up."""
    up = info.get("master_link_status") == "up"
    return _number(info.get("master_last_io_seconds_ago" if up else "master_link_down_since_seconds"))


def _lags_of_primary(info: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The seconds since the replica that is silent longest was heard of, and the most bytes that one lacks.

    None where there is no replica, or where one does not follow yet.
    """
    count = _number(info.get("connected_slaves")) or 0
    replicas = [value for name, value in info.items() if re.fullmatch("slave[0-9]+", name)]
    following = [match for match in map(_FOLLOWING.search, replicas) if match]
    offset = _number(info.get("master_repl_offset"))
    if not following or len(following) < count or offset is None:
        return None, None
    return max(int(match["lag"]) for match in following), max(offset - int(match["offset"]) for match in following)


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("[0-9]{1,18}", text) else None
