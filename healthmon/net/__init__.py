"""What every probe shares of the network: names, stamped sockets, TLS, certificates."""
