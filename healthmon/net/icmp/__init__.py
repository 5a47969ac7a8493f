"""Echo requests (RFC 792, RFC 4443): sockets and packets."""
