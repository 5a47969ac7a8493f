"""Reads the configuration into frozen data, or lists all that is wrong with it."""
