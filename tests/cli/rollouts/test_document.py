"""What `healthmon rollout` shows beforehand, and what is known of it in the end."""

from pathlib import Path

import pytest

from healthmon.cli.rollouts.document import course_of, plan
from healthmon.cli.rollouts.lines import LastWords
from healthmon.core.journal import Action, Began, JournalEntry, Started
from healthmon.core.rollout import beginning
from healthmon.engine.sealed import sealed
from healthmon.engine.surroundings import Finished
from healthmon.errors import UsageError
from tests.cli.rollouts.ordered import NAMES, ordered

AT = "2026-01-31T12:00:00.000Z"


def written(folder: Path, *entries: JournalEntry, behind: bytes = b"") -> None:
    """A journal that tells this."""
    (folder / "rollout.journal.jsonl").write_bytes(b"".join(map(sealed, entries)) + behind)


def test_the_plan_says_with_which_phase_it_begins(tmp_path: Path) -> None:
    """And what becomes of the rollout before, of whose journal a line is damaged."""
    order = ordered(tmp_path, first="2")
    started = Started(at=AT, digest=order.digest(), host="127.0.0.1", phases=NAMES, pid=1)
    written(tmp_path, started, Began(at=AT, action=Action.DEPLOY, phase="two"), behind=b"garbage\n")
    first, damaged, left, instead, check, *_ = plan(order, "never").splitlines()
    assert first == f"Begins {tmp_path}/rollout.toml; services: {tmp_path}/services.toml; host: 127.0.0.1"
    assert damaged.startswith(
        f"Note: In the journal {tmp_path}/rollout.journal.jsonl 1 line is damaged, and the other 2 "
    )
    assert left.endswith(" This one begins anew, with phase 2 (two).")
    assert instead == f"Note: To go on with the last one instead: healthmon rollout {tmp_path}/rollout.toml --resume"
    assert check == "First: check s1; unless all are healthy nothing is deployed."


def test_the_plan_of_what_is_resumed(tmp_path: Path) -> None:
    """Begins where it stood, and says nothing of another; where nothing can be resumed there is none."""
    order = ordered(tmp_path, resume=True)
    with pytest.raises(UsageError, match="the journal tells of no rollout"):
        plan(order, "never")
    started = Started(at=AT, digest=order.digest(), host="127.0.0.1", phases=NAMES, pid=1)
    written(tmp_path, started, Began(at=AT, action=Action.WAIT, phase="two"))
    assert plan(order, "never").splitlines()[:6] == [
        f"Resumes {tmp_path}/rollout.toml; services: {tmp_path}/services.toml; host: 127.0.0.1",
        "",
        "phase 1 (one) - done already",
        "",
        "phase 2 (two) - deployed already",
        "  wait      up to 5 min until healthy: s2",
    ]


def test_what_is_known_in_the_end(tmp_path: Path) -> None:
    """For each phase the command that begins with it, and the one that checks what is before it."""
    order = ordered(tmp_path)
    finished = Finished(position=beginning(order.undertaking.rollout.phases))
    course = course_of(order, finished, LastWords(), began=0.0, ended=1.0, ended_by=None)
    line = f"healthmon rollout {tmp_path}/rollout.toml"
    assert (course.resume, course.anew[:2]) == (f"{line} --resume", [line, f"{line} --from two"])
    assert [command.rpartition(".toml")[2] for command in course.checks] == ["", " --phase 1", " --phase 2"]
    assert (course.folder, course.journal) == (str(tmp_path), str(tmp_path / "rollout.journal.jsonl"))
