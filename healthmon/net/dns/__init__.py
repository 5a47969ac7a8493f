"""Queries to a DNS server of our choice, on sockets of our own."""
