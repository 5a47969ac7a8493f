"""What a run needs that nobody watches: its lock, what it has told, whom it tells that it ran."""
