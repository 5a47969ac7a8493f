"""Where reports go, and what else comes out of a run."""
