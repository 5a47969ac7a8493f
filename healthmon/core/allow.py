"""Which targets a module may be asked to probe: a monitor must not be a way into the network."""

from msgspec import Struct


class Allow(Struct, frozen=True):
    """What is allowed. Where both kinds are listed, both must match; where nothing is listed, nothing is allowed.

    Attributes:
        urls: Globs, one of which must match the whole URL (of a target without a scheme, the URL that it becomes).
        networks: Networks, such as ``10.0.0.0/8`` or ``2001:db8::/32``, one of which must hold each resolved address.
    """

    urls: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    def admits_url(self, url: str) -> bool:
        """Whether a URL may be asked. Where only networks are listed, every URL may: its address decides."""
        raise NotImplementedError

    def admits_address(self, ip: str) -> bool:
        """Whether an address may be connected to. Where only globs are listed, every address may."""
        raise NotImplementedError
