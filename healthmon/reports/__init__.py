"""Render a run. One file per format, and the table of them."""
