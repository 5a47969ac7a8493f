"""What moves in a terminal, seen through a real pseudo-terminal and a terminal emulator."""
