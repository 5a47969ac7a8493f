"""A row of the campaign: a fault, and what healthmon must say of it."""

from msgspec import Struct

from healthmon.core.model import Cause, Verdict
from tests.campaign.servers import Scene


class Row(Struct, frozen=True):
    """One fault and its verdict.

    Attributes:
        fault: What goes wrong, in a few words; unique.
        scene: The server that does it.
        verdict: The verdict of the check.
        cause: Its cause; None when up.
        why: One sentence for the documentation.
        keys: Further keys of the service, as TOML. `$port` and other words of the place are replaced here and in `url`.
        url: The service's URL.
        timeout: The service's timeout, in seconds: short where the fault is silence.
        ipv6: Whether the row needs a machine with IPv6 on its loopback.
    """

    fault: str
    scene: Scene
    verdict: Verdict
    cause: Cause | None
    why: str
    keys: str = ""
    url: str = "http://127.0.0.1:$port/"
    timeout: float = 10
    ipv6: bool = False


SILENCE = 0.5
"""The timeout of services whose server says nothing, or never stops."""

UNREAD_BODY = "Nobody asked for the body: the headers decide."


def body_fault(
    fault: str, scene: Scene, cause: Cause, why: str, keys: str = 'expect.body.contains = "ok"', timeout: float = 10
) -> tuple[Row, Row]:
    """A fault of the body, once with an expectation that needs the body and once without."""
    return (
        Row(f"{fault}, body expected", scene, Verdict.DOWN, cause, why, keys, timeout=timeout),
        Row(f"{fault}, body not expected", scene, Verdict.UP, None, UNREAD_BODY, timeout=timeout),
    )
