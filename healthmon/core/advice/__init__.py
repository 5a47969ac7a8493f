"""What went wrong, in words for people, and what to do next: tables, and how they are filled in."""
