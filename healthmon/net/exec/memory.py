"""What a command reads from its standard input: a file in memory, which nobody has to feed to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def in_memory(content: bytes) -> Iterator[int]:
    """The descriptor of a file that holds this, to be read from its beginning.

    The kernel names it ``memfd:stdin`` (memfd_create(2)), and it is gone when nobody has it open any more.
    """
    number = os.memfd_create("stdin")
    try:
        with open(number, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(number, 0, os.SEEK_SET)
        yield number
    finally:
        os.close(number)
