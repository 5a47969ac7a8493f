"""The live table of `check --watch`."""
