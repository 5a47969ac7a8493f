"""Whether what fails only shows that this machine has no network."""

from collections.abc import Callable, Collection
from ipaddress import ip_address

from msgspec import structs

from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.notices import Notice
from healthmon.core.uplink import Uplink, observe
from healthmon.engine.notices import ONLINE, offline_notice

_MAY_BE_OFFLINE = frozenset({Cause.DNS, Cause.UNREACHABLE, Cause.CONNECT_TIMEOUT})


class Outage:
    """Watches for the loss of this machine's network.

    Args:
        has_way: Whether this machine has a way to where a failed result's service is.
        notice: Takes what is to be said.
    """

    def __init__(self, has_way: Callable[[Result], bool], notice: Callable[[Notice], None]) -> None:
        self._has_way = has_way
        self._notice = notice
        self._uplink = Uplink()

    def unless_offline(self, result: Result, *, began: float, now: float) -> Result:
        """The result of a check; unknown, cause `offline`, where it only shows that there is no network.

        Args:
            result: The result.
            began: When its check began, steady.
            now: The steady time.
        """
        failed = result.verdict is Verdict.DOWN
        was_offline = self._uplink.offline
        self._uplink, offline = observe(
            self._uplink,
            service_id=result.service.id,
            failed=failed,
            # What is asked on this machine tells nothing of a network, unless it is what told of the outage.
            healthy=result.verdict.healthy and (not _is_at_home(result) or self._uplink.witness == result.service.id),
            began=began,
            now=now,
            has_route=not failed or result.cause not in _MAY_BE_OFFLINE or self._has_way(result),
        )
        if self._uplink.offline is not was_offline:
            self._notice(ONLINE if was_offline else offline_notice(result.service))
        if not offline:
            return result
        message = f"this machine has no way to the network ({result.message})"
        return structs.replace(result, verdict=Verdict.UNKNOWN, cause=Cause.OFFLINE, message=message)

    def keep_to(self, ids: Collection[str]) -> None:
        """Only these services are watched now: what is known by the checks of others is forgotten."""
        if not set(ids) >= {self._uplink.witness, self._uplink.refuted_by} - {None}:
            self._uplink = Uplink()


def _is_at_home(result: Result) -> bool:
    """Whether it was this very machine that was asked, which takes no network."""
    ip = result.fact("ip")
    # Without an address it was a command, a container, a socket file.
    return not isinstance(ip, str) or ip_address(ip).is_loopback
