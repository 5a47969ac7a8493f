"""Runs probes and has their outcomes judged."""
