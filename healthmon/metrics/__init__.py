"""The metrics of the daemon."""
