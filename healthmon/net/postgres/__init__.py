"""PostgreSQL by asyncpg: on our connections, and what went wrong in our words."""
