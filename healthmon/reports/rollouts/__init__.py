"""What is told of a rollout: how far it came, how things were left, and what to do; in all formats, and as a plan."""
