"""Real systemd: a small Debian, booted in a container of its own."""
