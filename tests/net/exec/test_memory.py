"""What a command reads from its standard input."""

import subprocess

from healthmon.net.exec.memory import in_memory


def test_it_is_read_from_its_beginning() -> None:
    """All of it, also where it is more than a pipe holds."""
    content = b"x" * 2**20
    with in_memory(content) as number:
        assert subprocess.run(["cat"], stdin=number, capture_output=True, check=True).stdout == content
