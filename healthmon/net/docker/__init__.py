"""Containers, as their engine tells of them: Docker's, or Podman's by the same interface."""
