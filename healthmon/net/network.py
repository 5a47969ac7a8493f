"""The network as probes use it."""


class Network:
    """Resolves names, opens stamped connections, keeps TLS contexts."""
