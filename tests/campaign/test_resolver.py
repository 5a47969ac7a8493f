"""Names that nobody resolves hold up neither each other nor the run."""

import asyncio
from contextlib import closing

from healthmon.config.load import parse
from healthmon.core.model import Cause
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.probes import PROBES
from tests.campaign.places import hanging_resolver
from tests.unhurried import unqueued

NAMES = 40


async def test_forty_names_that_hang_take_no_longer_than_one() -> None:
    """The threads of asyncio are few and joined at exit: with them the fortieth name would wait for the first."""
    services = parse(
        "".join(f'[[services]]\nname = "S{n}"\nurl = "http://s{n}.example/"\ntimeout = "1s"\n' for n in range(NAMES))
    ).services
    async with hanging_resolver() as place:
        with closing(Network(lookup=place.lookup)) as network:
            checks = (check(service, probe=PROBES["http"], network=network) for service in services)
            started = unqueued()
            results = await asyncio.gather(*checks)
            seconds = unqueued() - started

    assert [result.cause for result in results] == [Cause.DNS] * NAMES
    assert seconds < 2
