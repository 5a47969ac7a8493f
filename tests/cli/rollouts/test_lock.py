"""The locks of a rollout, where its file's folder cannot be written to."""

import errno
import os
from pathlib import Path

import pytest

from healthmon.cli.rollouts import lock as rollout_lock
from healthmon.cli.rollouts.lock import locked
from healthmon.cli.rollouts.order import Order, order_of
from healthmon.cli.rollouts.request import Request
from healthmon.engine.lock import take
from healthmon.errors import LockHeld, UsageError

SERVICES = '[[services]]\nname = "shop"\nurl = "http://127.0.0.1:1/"\nphase = 1\n'
ROLLOUT = 'config = "services.toml"\n[[phase]]\nname = "shop"\nphase = 1\ndeploy = "true"\n'


@pytest.fixture
def read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a rollout in which no lock can be made: root's permissions cannot be taken away."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    (folder / "services.toml").write_text(SERVICES)
    (folder / "rollout.toml").write_text(ROLLOUT)

    def refusing(path: Path) -> int:
        if path.parent == folder:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return take(path)

    monkeypatch.setattr(rollout_lock, "take", refusing)
    return folder


def order(file: Path, journal: Path | None) -> Order:
    """What the command line says of these."""
    nothing = {"host": None, "config": None, "resume": False, "expect": (), "timeout": None, "strict": False}
    return order_of(Request(file=file, journal=journal and str(journal), interval=1.0, **nothing))  # type: ignore[arg-type]


def test_the_lock_is_beside_the_journal(read_only: Path, tmp_path: Path) -> None:
    """And keeps others away all the same, also those with another journal there."""
    file = read_only / "rollout.toml"
    with locked(order(file, tmp_path / "j")) as taken:
        assert len(taken.undertaking.locks) == 2
        assert {one.name for one in tmp_path.iterdir()} == {"read-only", "j.lock", "rollout.toml.lock"}
        with pytest.raises(LockHeld, match="goes on"), locked(order(file, tmp_path / "k")):
            pass
    with locked(order(file, tmp_path / "k")):
        pass


def test_a_journal_that_could_not_be_locked(read_only: Path) -> None:
    """Is refused: nothing would keep two from writing it."""
    with pytest.raises(UsageError, match="Read-only file system"), locked(order(read_only / "rollout.toml", None)):
        pass
