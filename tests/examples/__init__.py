"""The example configs, each run against servers that behave as its deployment does."""
