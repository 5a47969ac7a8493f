"""What `rollout` reads, locks and tells."""
