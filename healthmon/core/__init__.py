"""The pure core: frozen types, and functions of their arguments. No I/O, no clock."""
