"""Joins fragments to a document, family by family, without holding up the event loop."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence

from msgspec import Struct

from healthmon.metrics.families import Family
from healthmon.metrics.fragments import Fragments

_AT_ONCE = 1000
"""So many services of a family are joined before the loop may do something else: about a millisecond."""

_GZIP = 31
"""The window of zlib's largest size, with gzip's header and trailer."""


class Rendered(Struct, frozen=True):
    """An answer to a scrape, to be sent as it comes.

    Attributes:
        content_type: For the header ``Content-Type``.
        content_encoding: For the header ``Content-Encoding``; None if there is to be none.
        chunks: The document in pieces, none of them empty. It shows the moment at which it was asked for, however
            slowly it is read.
    """

    content_type: str
    content_encoding: str | None
    chunks: AsyncIterator[bytes]


def pieces(families: Sequence[Family], snapshot: Sequence[Fragments], *, openmetrics: bool) -> Iterator[list[bytes]]:
    """What the families' part of the document consists of, a batch at a time, in order.

    Args:
        families: The families, in the order of the fragments.
        snapshot: The fragments of each service.
        openmetrics: Whether the headers are those of OpenMetrics.
    """
    for place, family in enumerate(families):
        header = [family.header(openmetrics=openmetrics)]
        for start in range(0, len(snapshot), _AT_ONCE) or (0,):
            yield header + [fragments[place] for fragments in snapshot[start : start + _AT_ONCE]]
            header = []


async def plain(batches: Iterator[list[bytes]]) -> AsyncIterator[bytes]:
    """The document as it is."""
    for batch in batches:
        if chunk := b"".join(batch):
            yield chunk
        await asyncio.sleep(0)


async def gzipped(batches: Iterator[list[bytes]]) -> AsyncIterator[bytes]:
    """The document compressed, in threads: joining large pieces and compressing let other threads run.

    The fastest level: the lines are so alike that the others save little and take several times as long.
    """
    compressor = zlib.compressobj(1, zlib.DEFLATED, _GZIP)

    def compress(batch: list[bytes]) -> bytes:
        return compressor.compress(b"".join(batch))

    loop = asyncio.get_running_loop()
    for batch in batches:
        if chunk := await loop.run_in_executor(None, compress, batch):
            yield chunk
    yield await loop.run_in_executor(None, compressor.flush)
