"""What `wait` shows while it waits, and runs afterwards."""
