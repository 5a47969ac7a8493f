"""gRPC's health protocol over HTTP/2, on a connection of our own."""
