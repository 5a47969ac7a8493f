"""What the daemon logs, and in which form."""
