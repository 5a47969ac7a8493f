"""What the daemon is to do, and what another plan changes of it."""

from collections.abc import Sequence

from msgspec import Struct

from healthmon.core.maintenance import Window
from healthmon.core.model import Service
from healthmon.core.state import Flapping


class Plan(Struct, frozen=True, kw_only=True):
    """What the daemon is to do; a reload brings another one.

    Attributes:
        services: The services to watch, in config order.
        windows: The maintenance windows.
        flapping: When a service counts as flapping.
        max_concurrency: The most checks under way at a time.
    """

    services: Sequence[Service]
    windows: Sequence[Window] = ()
    flapping: Flapping = Flapping()
    max_concurrency: int = 100


class Change(Struct, frozen=True, kw_only=True):
    """What a reload has changed, by service ids.

    Attributes:
        added: Services that were not there.
        changed: Services that are checked differently and begin anew.
        reworded: Services that are checked as before, and of which something else is said: a name, a dependency.
        removed: Services that are gone.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
