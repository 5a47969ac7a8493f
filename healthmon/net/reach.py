"""The keys that say how a service's host is reached, common to the probes that connect to one."""

from typing import Literal

from msgspec import Struct


class ReachOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the host.

    Attributes:
        resolve: An address to connect to instead of resolving the host's name.
        ip: Which addresses may be used: ``any``, only IPv4 (``4``), or only IPv6 (``6``).
    """

    resolve: str | None = None
    ip: Literal["any", "4", "6"] = "any"
