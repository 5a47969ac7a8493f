"""The moment in which a command takes the place of this process."""

import subprocess
import sys

import pytest

_HAND_OVER = """
import os, signal
from healthmon.app.interruption import noted
from healthmon.cli.gate.hand_over import hand_over
with noted() as note:
    {before}
    print(hand_over(["echo", "the command ran"], note))
"""


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("pass", "the command ran"),
        ("os.kill(os.getpid(), signal.SIGINT)", "130"),
        ("signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]); os.kill(os.getpid(), signal.SIGTERM)", "143"),
    ],
    ids=["no signal", "noted", "on its way"],
)
def test_a_signal_before_it_keeps_the_command_from_running(before: str, said: str) -> None:
    """One that has been noted, and one that the kernel has not delivered yet."""
    code = _HAND_OVER.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{said}\n", "")


def test_a_command_without_a_name() -> None:
    """As a variable that is not set leaves behind; the code is the shells'."""
    code = (
        "from healthmon.app.interruption import Noted\nfrom healthmon.cli.gate.hand_over import hand_over\n"
        'raise SystemExit(hand_over([""], Noted({})))'
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (127, "")
    assert "'' cannot be run: there is no such command" in done.stderr
