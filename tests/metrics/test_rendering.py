"""How a document is put together: whole, of one moment, and in turns."""

import asyncio
import zlib

import pytest

from healthmon.core.model import Verdict
from healthmon.core.state import State
from healthmon.metrics.families import CHECK_FAMILIES, STATE_FAMILIES
from tests.make import result, service
from tests.metrics.scraping import OPENMETRICS, metrics, new, read, samples, scrape

UP = State(verdict=Verdict.UP, since=1.0)


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
@pytest.mark.parametrize("count", [0, 1, 1000, 1001])
async def test_compressed_it_is_the_same(count: int, accept: str) -> None:
    """However many batches there are, the last full or not."""
    services = [service(f"s{number}") for number in range(count)]
    made = metrics(*services)
    for one in services:
        made.checked(result(service=one), State(), UP, 0)
    openmetrics = bool(accept)
    documents = [await scrape(made, accept=accept, accept_encoding=encoding) for encoding in ("", "gzip")]
    plain, compressed = (samples(read(document, openmetrics=openmetrics)) for document in documents)
    assert plain == compressed
    assert sum(name == "healthmon_service_up" for name, _ in plain) == count


@pytest.mark.parametrize("accept_encoding", ["", "gzip"])
async def test_what_happens_meanwhile_is_not_shown(accept_encoding: str) -> None:
    """It shows the moment at which it was asked for: a service is there with all its series, or not at all."""
    services = [service("brain"), service("saleor")]
    made = metrics(*services)
    for one in services:
        made.checked(result(service=one), State(), UP, 0)
    before = samples(read(await scrape(made)))
    rendered = await made.render(accept="", accept_encoding=accept_encoding)
    chunks = [await anext(rendered.chunks)]
    made.checked(result("saleor"), UP, State(verdict=Verdict.DOWN, since=2.0), 0)
    made.watching(new(service("saleor"), service("new")))
    chunks += [chunk async for chunk in rendered.chunks]
    document = b"".join(chunks)
    if accept_encoding:
        document = zlib.decompress(document, 31)
    assert samples(read(document.decode())) == before
    assert 'service="new"' in await scrape(made)


@pytest.mark.parametrize("accept_encoding", ["", "gzip"])
async def test_others_get_their_turn(accept_encoding: str) -> None:
    """At least once for each thousand services of each family, though the reader never waits."""
    made = metrics(*[service(f"s{number}") for number in range(3000)])
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(other())
    await scrape(made, accept_encoding=accept_encoding)
    task.cancel()
    assert turns >= 3 * len((*STATE_FAMILIES, *CHECK_FAMILIES))


async def test_a_reader_that_goes_away() -> None:
    """Leaves nothing behind that warns."""
    made = metrics(*[service(f"s{number}") for number in range(10)])
    for encoding in ("", "gzip"):
        rendered = await made.render(accept="", accept_encoding=encoding)
        await anext(rendered.chunks)
        await rendered.chunks.aclose()  # type: ignore[attr-defined]


async def test_no_chunk_is_empty() -> None:
    """In chunked transfer, an empty one would end the answer."""
    for encoding in ("", "gzip"):
        rendered = await metrics().render(accept=OPENMETRICS, accept_encoding=encoding)
        assert all([chunk async for chunk in rendered.chunks])
