"""What the tests of the network have, the tests of the probes need too; and an authority to trust."""

from collections.abc import Iterator

import pytest

from healthmon.core.units import FilePath
from tests.campaign.certificates import authority
from tests.net.conftest import kernel_stamps, network

__all__ = ["kernel_stamps", "network"]


@pytest.fixture
def ca() -> Iterator[FilePath]:
    """The file of the authority that the tests' servers are certified by."""
    with authority().cert_pem.tempfile() as path:
        yield FilePath(path)
