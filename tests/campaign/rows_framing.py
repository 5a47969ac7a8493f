"""Headers that disagree on where the body ends. Such answers are no HTTP, whether the body is expected or not."""

from healthmon.core.model import Cause, Verdict
from tests.campaign.answers import STATUS, announcing
from tests.campaign.row import Row
from tests.campaign.servers import saying, serving

DOWN = Verdict.DOWN

FRAMING_ROWS = (
    Row(
        "Content-Length and chunks together",
        serving(saying(STATUS + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")),
        DOWN,
        Cause.PROTOCOL,
        "It should be handled as an error (RFC 9112, 6.3): two readers would see two answers.",
    ),
    Row(
        "Two Content-Lengths",
        serving(saying(STATUS + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok")),
        DOWN,
        Cause.PROTOCOL,
        "Where the body ends cannot be told (RFC 9112, 6.3).",
    ),
    Row(
        "Content-Length below zero",
        serving(saying(announcing(b"-2") + b"ok")),
        DOWN,
        Cause.PROTOCOL,
        "That is no length.",
    ),
    Row(
        "Content-Length that is no number",
        serving(saying(announcing(b"two") + b"ok")),
        DOWN,
        Cause.PROTOCOL,
        "That is no length.",
    ),
    Row(
        "Content-Length that no machine can hold",
        serving(saying(announcing(b"9" * 30) + b"ok")),
        DOWN,
        Cause.PROTOCOL,
        "That is no length.",
    ),
)
