"""The composition root: builds the running program from the frozen configuration."""
