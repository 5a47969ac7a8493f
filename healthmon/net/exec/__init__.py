"""Commands: run within bounds, and read as Nagios plugins are."""
