"""What libraries log."""

import subprocess
import sys

_PROGRAM = """
import logging
from healthmon.net.network import Network

Network().close()
Network().close()
for name in ("aiohttp.client", "aiohttp.internal", "asyncio"):
    logging.getLogger(name).error("a server said this")
assert len(logging.getLogger("asyncio").handlers) == 1
logging.getLogger("mine").error("not theirs")
"""

_CONFIGURED = """
import logging
from healthmon.net.network import Network

logging.basicConfig(format="%(message)s")
Network().close()
logging.getLogger("aiohttp.client").error("heard")
"""


def test_libraries_print_nothing() -> None:
    assert _stderr(_PROGRAM) == "not theirs\n"


def test_a_program_that_logs_still_hears_them() -> None:
    assert _stderr(_CONFIGURED) == "heard\n"


def _stderr(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    ).stderr
