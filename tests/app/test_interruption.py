"""Signals for what ends with a report: none is lost, and afterwards all is as it was."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from healthmon.app.interruption import interruptible, interrupting, noted
from healthmon.errors import Interrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_signal_is_noted(number: signal.Signals) -> None:
    """And wakes the loop, which sleeps."""
    before = signal.getsignal(number)
    with interruptible() as interruption:
        asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), number)
        await asyncio.wait_for(interruption.event.wait(), timeout=10)
        os.kill(os.getpid(), signal.SIGTERM)
    assert interruption.received is number
    assert signal.getsignal(number) is before


async def test_a_signal_at_the_last_moment_is_not_lost() -> None:
    """The loop does not run again after it."""
    with interruptible() as interruption:
        os.kill(os.getpid(), signal.SIGTERM)
    assert interruption.received is signal.SIGTERM


async def test_what_is_noted_outside_is_noted_again_afterwards() -> None:
    """One may stand within the other: each notes what comes in its time."""
    with noted() as outside:
        with interruptible() as inside:
            os.kill(os.getpid(), signal.SIGINT)
        assert (inside.received, outside.received) == (signal.SIGINT, None)
        os.kill(os.getpid(), signal.SIGTERM)
        assert outside.received is signal.SIGTERM


def test_the_second_signal_ends_the_process() -> None:
    """What is noted may take its time; who insists is obeyed."""
    code = (
        "import os, signal\nfrom healthmon.app.interruption import noted\n"
        "with noted():\n    os.kill(os.getpid(), signal.SIGINT)\n    print('on', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n    print('never')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, "on\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_has_begun_is_brought_to_an_end(number: signal.Signals) -> None:
    """The signal is raised as an exception, and afterwards does what it did."""
    before = signal.getsignal(number)
    with pytest.raises(Interrupted, match=number.name) as interrupted, interrupting():
        os.kill(os.getpid(), number)
    assert interrupted.value.received is number
    assert signal.getsignal(number) is before


async def test_other_signals_may_do_the_same() -> None:
    """Those that would leave a terminal as it is."""
    with interruptible(signal.SIGHUP) as interruption:
        os.kill(os.getpid(), signal.SIGHUP)
    assert interruption.received is signal.SIGHUP
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


async def test_what_is_ignored_stays_so() -> None:
    """As under `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(signal.SIGHUP) as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert interruption.received is None
