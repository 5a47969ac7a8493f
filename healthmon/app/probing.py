"""What checks one service over a network."""

from healthmon.core.model import Result, Service
from healthmon.engine.check import check
from healthmon.engine.contract import Check
from healthmon.net.network import Network
from healthmon.probes import PROBES


def checker(network: Network) -> Check:
    """What checks one service over this network, with the probe that its URL's scheme names."""

    async def check_one(service: Service) -> Result:
        return await check(service, probe=PROBES[service.address.scheme], network=network)

    return check_one
