"""What a network may be used for, where a stranger says what to probe.

An address is judged between being found and being connected to, so a name that means another address the next time
it is asked (DNS rebinding) gains nothing.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING

from msgspec import Struct

from healthmon.core.allow import Allow
from healthmon.core.model import Cause
from healthmon.core.wording import named
from healthmon.net.trace import ProbeFailed

if TYPE_CHECKING:
    from healthmon.net.lookups import AddressInfo

_SHOWN = 5


class Guard(Struct, frozen=True):
    """An allow list as the network obeys it.

    Attributes:
        allow: What may be asked for.
    """

    allow: Allow

    def check_redirect(self, url: str) -> None:
        """Raise `ProbeFailed` (`redirect`) unless the URL to which a redirect leads may be asked."""
        if not self.allow.admits_url(url):
            shown = url.partition("?")[0]
            raise ProbeFailed(Cause.REDIRECT, f"the redirect to {shown} is not in the module's allow list")

    def admitted(self, addresses: "Sequence[AddressInfo]") -> "list[AddressInfo]":
        """Those of the addresses found, in their order, that may be connected to.

        Raises:
            ProbeFailed: There is none (`local`: it is this machine that forbids it).
        """
        admitted = [address for address in addresses if self.allow.admits_address(address[4][0])]
        if not admitted:
            raise ProbeFailed(Cause.LOCAL, _not_admitted([address[4][0] for address in addresses]))
        return admitted

    def check_without_address(self, place: str) -> None:
        """Raise `ProbeFailed` (`local`) if networks are listed: a place without an address is in none of them."""
        if self.allow.networks:
            raise ProbeFailed(Cause.LOCAL, f"{place} has no address that could be in the module's allow list")

    def check_behind_proxy(self, host: str) -> None:
        """Raise `ProbeFailed` (`local`) unless a proxy may be asked to connect to a host.

        What a proxy makes of a name nobody here can know. Where networks are listed, only an address will do.
        """
        if not self.allow.networks:
            return
        try:
            ip_address(host)
        except ValueError:
            raise ProbeFailed(
                Cause.LOCAL, f"the proxy would look up {host}, so its address cannot be held against the allow list"
            ) from None
        if not self.allow.admits_address(host):
            raise ProbeFailed(Cause.LOCAL, _not_admitted([host]))


def _not_admitted(found: Sequence[str]) -> str:
    which = "the address" if len(found) == 1 else "the addresses"
    verb = "is" if len(found) == 1 else "are"
    return f"{which} {named(found, _SHOWN)} {verb} not in the module's allow list"
