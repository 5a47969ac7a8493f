"""Benchmarks: each prints ratios or errors measured within one run, with public tools only."""
