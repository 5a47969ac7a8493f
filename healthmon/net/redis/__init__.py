"""Redis by redis-py: on our connections, and what went wrong in our words."""
