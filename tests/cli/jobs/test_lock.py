"""`--lock` on the command line, and where the locks of jobs are."""

from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.choice import Choice
from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.cli.jobs import job, lock
from healthmon.core.selection import Selection
from healthmon.errors import LockHeld, UsageError

Understood = tuple[str | None, str | None, tuple[str, ...]]


@click.command(cls=lock.LockingCommand)
@click.argument("host", required=False)
@click.option("--lock")
@click.option("--only", multiple=True)
def command(
    host: str | None, lock: str | None, only: tuple[str, ...]
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return what was understood."""
    return host, lock, only


def understood(*arguments: str) -> Understood:
    """HOST, the lock and the services of a command line."""
    found: Understood = command.main(list(arguments), standalone_mode=False)
    return found


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], (None, None, ())),
        (["--lock"], (None, "auto", ())),
        (["--lock", "203.0.113.10"], ("203.0.113.10", "auto", ())),
        (["203.0.113.10", "--lock"], ("203.0.113.10", "auto", ())),
        (["--lock", "2001:db8::1"], ("2001:db8::1", "auto", ())),
        (["--lock", "/run/lock/x", "203.0.113.10"], ("203.0.113.10", "/run/lock/x", ())),
        (["--lock", "./x"], (None, "./x", ())),
        (["--lock=x", "y"], ("y", "x", ())),
        (["--lock", "--only", "a/b"], (None, "auto", ("a/b",))),
        (["--lock", "--only=a/b"], (None, "auto", ("a/b",))),
        (["--lock", "--lock", "/x"], (None, "/x", ())),
        (["--lock", "--", "a/b"], ("a/b", "auto", ())),
        (["--", "--lock"], ("--lock", None, ())),
    ],
)
def test_a_path_has_a_slash(arguments: list[str], expected: object) -> None:
    """Or is written with an equals sign; another word stays what it would be without the option."""
    assert understood(*arguments) == expected


@given(st.text("abc0123456789.:-_", min_size=1).filter(lambda word: not word.startswith("-")))
def test_no_host_is_ever_swallowed(host: str) -> None:
    """Whatever it is called."""
    assert understood("--lock", host) == understood(host, "--lock") == (host, "auto", ())


def choice(**keys: object) -> Choice:
    """A choice of services."""
    return Choice(**{"config": None, "host": None, "selection": Selection(), **keys})  # type: ignore[arg-type]


def test_each_job_has_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By config file, host and selection; however the file is named."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "services.toml"
    one = job.job_name(choice(), path)
    assert one.startswith("services-")
    assert one == job.job_name(choice(), Path("services.toml")) == job.job_name(choice(config="x"), path)
    others = [
        job.job_name(choice(host="203.0.113.10"), path),
        job.job_name(choice(selection=Selection(phase=2)), path),
        job.job_name(choice(with_groups=("infrastructure",)), path),
        job.job_name(choice(), tmp_path / "else" / "services.toml"),
    ]
    assert len({one, *others}) == 5
    assert "/" not in job.job_name(choice(), Path("/x/é .. \n.toml"))


def test_a_link_that_moves_is_still_the_same_job(tmp_path: Path) -> None:
    """As `current` does at each deployment."""
    names = []
    for release in ("1", "2"):
        (tmp_path / release).mkdir()
        (tmp_path / "current").unlink(missing_ok=True)
        (tmp_path / "current").symlink_to(tmp_path / release)
        names.append(job.job_name(choice(), tmp_path / "current/services.toml"))
    assert names[0] == names[1]


def test_the_first_folder_that_may_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the last, which then says why it cannot."""
    monkeypatch.setattr(job, "LOCK_FOLDERS", (tmp_path / "missing", tmp_path))
    assert job.lock_path("x").parent == tmp_path
    monkeypatch.setattr(job, "LOCK_FOLDERS", (tmp_path / "missing", tmp_path / "missing too"))
    with (
        pytest.raises(UsageError, match=r"missing too.* No such file or directory\. Name a file"),
        lock.held("auto", lambda: job.lock_path("x")),
    ):
        pass


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as any number: no folder called ~ is made where it happens to stand."""

    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    for environ in ({}, {"HOME": "somewhere"}):
        with pytest.raises(UsageError, match=r"no home folder .* name one with --state"):
            job.state_folder(environ)
    assert job.state_folder({"HOME": "/home/me"}) == Path("/home/me/.local/state/healthmon")


def test_the_jobs_own_lock_follows_no_link(tmp_path: Path) -> None:
    """Others may have put it there; one that was named may be a link."""
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with (
        pytest.raises(UsageError, match="it is not a file of this user alone"),
        lock.held("auto", lambda: tmp_path / "link"),
    ):
        pass
    assert not (tmp_path / "victim").exists()
    with lock.held(str(tmp_path / "link"), Path):
        assert (tmp_path / "victim").exists()


def test_it_is_given_back_whatever_happens(tmp_path: Path) -> None:
    """And its file says nothing any more."""
    path = tmp_path / "lock"

    def fail() -> None:
        with lock.held(str(path), Path):
            with pytest.raises(LockHeld, match=r"process \d+, since"), lock.held(str(path), Path):
                pass
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b""
    with lock.held(str(path), Path), lock.held(None, Path):
        pass


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("auto", "auto"),
        *((word, "auto") for word in ("true", "yes", "1", "ON")),
        *((word, None) for word in ("", "0", "false", "no")),
        ("/run/lock/x", "/run/lock/x"),
        ("x", "x"),
    ],
)
def test_the_variable_takes_the_words_of_a_flag(
    variable: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything else is a path."""
    monkeypatch.setenv("HEALTHMON_CHECK_LOCK", variable)
    check = LazyGroup("healthmon", commands_at=COMMANDS).get_command(click.Context(command), "check")
    assert check
    assert check.make_context("check", []).params["lock_path"] == expected
