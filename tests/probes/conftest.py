"""What the tests of the network have, the tests of the probes need too."""

from tests.net.conftest import kernel_stamps, network

__all__ = ["kernel_stamps", "network"]
