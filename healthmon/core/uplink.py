"""Whether failures tell of the services, or only of this machine's lost network. Functions of their arguments."""

from msgspec import Struct


class Uplink(Struct, frozen=True):
    """What is known of this machine's way to the network. `Uplink()`: nothing speaks against it.

    Attributes:
        since: The steady time from which on nothing has been reached, as far as is known: when a failure without a
            route was seen first, or again after what refuted it was gone; None without an outage.
        witness: The id of the service whose failure began the outage, and whose route ends it; None without one.
        refuted_by: The id of the service that was healthy last in spite of the outage; None if there was none.
    """

    since: float | None = None
    witness: str | None = None
    refuted_by: str | None = None

    @property
    def refuted(self) -> bool:
        """Whether something can be reached without that route, so that failures count as what they are."""
        return self.refuted_by is not None

    @property
    def offline(self) -> bool:
        """Whether this machine is taken to be without a network."""
        return self.since is not None and not self.refuted


def observe(
    uplink: Uplink, *, service_id: str, failed: bool, healthy: bool, began: float, now: float, has_route: bool
) -> tuple[Uplink, bool]:
    """What is known after a result, and whether this result is to be taken as offline: unknown, not down.

    1. A failure without a route begins an outage, with its service as the witness. While the outage lasts and is not
       refuted, every failure without a route is offline. One with a route never is.
    2. A healthy result of another service, from a check that began in the outage, refutes it: not everything fails at
       once. From then on failures count as what they are. So they stay while one service that has another way answers
       and the others have no route: its success says nothing about their route, and ends nothing.
    3. When the service that refuted it last fails without a route itself, what spoke against the outage is gone: the
       outage goes on, from now.
    4. When the witness is healthy, or fails with a route, the outage is over, and all is forgotten. A service that
       still has no route begins another with its next failure.

    So the answer for a service turns from down to offline again only when some service's own route has come or gone,
    never by the order of the checks. After a reload begin with a new `Uplink()`: the witness may be watched no more.

    Args:
        uplink: What is known so far.
        service_id: Whose result it is.
        failed: Whether it is down. A result that is neither failed nor healthy tells nothing.
        healthy: Whether it is up or degraded. To be told so only of a service that is reached over the network: one on
            this very machine, at a loopback address, answers without it.
        began: When its check began, steady.
        now: The steady time.
        has_route: Of a failed result, whether this machine has a route to the service. Of a healthy one it does not
            matter: what answers has been reached.
    """
    if failed and not has_route:
        if uplink.since is None:
            uplink = Uplink(now, service_id)
        elif uplink.refuted_by == service_id:
            uplink = Uplink(now, uplink.witness)
        return uplink, uplink.offline
    if (failed or healthy) and uplink.witness == service_id:
        return Uplink(), False
    if healthy and uplink.since is not None and began >= uplink.since:
        return Uplink(uplink.since, uplink.witness, service_id), False
    return uplink, False
