"""One service, layer by layer: where does it break?"""

from collections.abc import Collection

from msgspec import Struct

from healthmon.core.model import Result, Service
from healthmon.engine.diagnosis.evidence import gather
from healthmon.engine.diagnosis.layers import Layer, find_layers
from healthmon.net.network import Network
from healthmon.probes.contract import Probe

__all__ = ["Diagnosis", "Layer", "diagnose"]


class Diagnosis(Struct, frozen=True):
    """The layers of a service, and the verdict.

    Attributes:
        result: The judged check, the same that `healthmon check` makes.
        layers: From the name up to the expectations, in order.
    """

    result: Result
    layers: tuple[Layer, ...]


async def diagnose(service: Service, *, probe: Probe, network: Network, others: Collection[int] = ()) -> Diagnosis:
    """Check a service once and look at every layer that this stands on.

    Args:
        service: The service.
        probe: What speaks its protocol.
        network: What the probe goes through.
        others: Ports on which other known services listen: they are not mistaken for this one.
    """
    evidence = await gather(service, probe=probe, network=network, others=others)
    layers = find_layers(evidence, now=evidence.result.started)
    return Diagnosis(evidence.result, tuple(layers))
