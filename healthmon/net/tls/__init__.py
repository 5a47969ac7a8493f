"""TLS: settings and contexts, handshakes, certificates, and why a handshake failed."""
