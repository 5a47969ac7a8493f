"""What moves in a terminal."""
