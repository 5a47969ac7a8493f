"""What a client may cost the daemon."""

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """The bounds of the HTTP side. Times are in seconds.

    Attributes:
        connections: The most connections open at a time. The files that checks need are not theirs to take.
        idle: How long a connection may stay open without a complete request's head. No round number of seconds at
            which scrapers come back: the connection would be closed at the moment in which it is used again.
        silence: How long a connection may be open without a request before it has to make room, where room is needed.
            One that had its answer has to at once.
        handshake: How long a TLS handshake may take.
        body: How long the body of a request may take.
        body_size: The most bytes of a request's body.
        write: How long an answer may take to be sent, in all.
        linger: How long a connection that is closed may take to be rid of what was written to it; at most twice that.
        farewell: How long answers that are under way may take when the daemon stops; at most twice that.
    """

    connections: int = 100
    idle: float = 19.0
    silence: float = 1.0
    handshake: float = 5.0
    body: float = 5.0
    body_size: int = 1024
    write: float = 60.0
    linger: float = 5.0
    farewell: float = 0.3
