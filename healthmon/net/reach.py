"""The keys that say how a service's host is reached, common to the probes that connect to one."""

import ipaddress
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

    def __post_init__(self) -> None:
        if self.resolve is None:
            return
        try:
            version = str(ipaddress.ip_address(self.resolve).version)
        except ValueError:
            raise ValueError('`resolve` is an IP address, such as "192.0.2.1"') from None
        if self.ip not in ("any", version):
            raise ValueError(f'`resolve` is an IPv{version} address, which `ip = "{self.ip}"` forbids')
