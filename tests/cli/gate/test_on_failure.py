"""The command that is run when waiting has failed: what it is told."""

import re
import signal
from pathlib import Path

import pytest
from msgspec import structs

from healthmon.app.interruption import Noted
from healthmon.cli import group
from healthmon.cli.gate import on_failure
from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.errors import UsageError
from tests.conftest import ROOT
from tests.make import result


def run(*results: Result, reached: frozenset[str] = frozenset()) -> Run:
    """A run that was waited for; these were as they should be."""
    waited = {
        one.service.id: Waited(checks=3, reached=1.0 if one.service.id in reached else None, good=0, last_failure=None)
        for one in results
    }
    return Run(
        started=0.0, duration=1.0, host=None, results=results, wait=Wait(Ending.DEADLINE, stable=2), waited=waited
    )


def test_a_command_is_split_as_a_shell_does() -> None:
    """And nothing in it is replaced."""
    assert on_failure.parse("echo roll\\ back 'a b' '$HOME' *") == ["echo", "roll back", "a b", "$HOME", "*"]
    assert on_failure.parse(None) is None


@pytest.mark.parametrize("text", ["", " ", "''", "echo '", 'echo "', "echo \\"])
def test_what_is_no_command(text: str) -> None:
    """Is found out before anything runs."""
    with pytest.raises(UsageError, match="--on-failure"):
        on_failure.parse(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("printf x > f ; reboot", ">"),
        ("echo $HOME", "$HOME"),
        ("echo a && echo b", "&&"),
        ("cd /tmp && echo hi", "cd"),
        ("STAGE=1 ./rollback.sh", "STAGE=1"),
    ],
)
def test_what_only_a_shell_would_understand(text: str, word: str) -> None:
    """Would be passed on as words, and something else would run than was meant."""
    with pytest.raises(UsageError) as raised:
        on_failure.parse(text)
    expected = f"--on-failure {text}: no shell reads {word} here; write sh -c '...' around all of it."
    assert str(raised.value) == expected
    quoted = text.replace("'", "")
    assert on_failure.parse(f"sh -c '{quoted}'") == ["sh", "-c", quoted]


def test_a_command_cannot_draw_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither where it is refused, nor where it is told how it ended: it may come from a variable."""
    for text in ("echo '\x1b[2J", "no-such-command \x1b[2J", "echo \x1b[2J; ls"):
        with pytest.raises(UsageError) as raised:
            on_failure.parse(text)
        assert "\x1b" not in str(raised.value)
    assert on_failure.run(["false", "\x1b[2J"], run(result()), Ending.DEADLINE, 124, Noted({})) is None
    assert "\x1b" not in capfd.readouterr().err


def test_a_signal_without_a_name(capfd: pytest.CaptureFixture[str]) -> None:
    """A real-time signal: the kernel gives most of them no name."""
    ended = on_failure.run(["sh", "-c", "kill -40 $$"], run(result()), Ending.DEADLINE, 124, Noted({}))
    assert (ended, capfd.readouterr().err) == (None, "--on-failure sh -c 'kill -40 $$': it was ended by signal 40.\n")


def test_what_failed() -> None:
    """All that were not as they should be: also one that is up, but has not been so for long enough."""
    told = on_failure.variables(
        run(
            result("saleor"),
            result("auth"),
            result("brain", Verdict.DOWN, cause=Cause.REFUSED),
            result("crm", Verdict.UNKNOWN, cause=Cause.DEADLINE),
            reached=frozenset({"saleor"}),
        ),
        Ending.DEADLINE,
        124,
    )
    assert told == {
        "HEALTHMON_VERDICT": "down",
        "HEALTHMON_EXIT_CODE": "124",
        "HEALTHMON_ENDING": "deadline",
        "HEALTHMON_FAILED": "auth brain crm",
        "HEALTHMON_CAUSES": "brain=refused crm=deadline",
    }


@pytest.mark.parametrize(
    ("verdict", "good", "told"),
    [
        (Verdict.UP, 2, "unknown"),  # as often as was asked for, but not looked at again in time
        (Verdict.DEGRADED, 1, "unknown"),
        (Verdict.DEGRADED, 0, "degraded"),  # --fail-on degraded
        (Verdict.UP, 0, "up"),  # --invert
        (Verdict.DOWN, 0, "down"),
    ],
)
def test_the_verdict_is_that_of_what_failed(verdict: Verdict, good: int, told: str) -> None:
    """It is never up, but where all were to be down."""
    waited = {"saleor": Waited(3, 1.0, 3, None), "brain": Waited(3, None, good, None, 1.0)}
    made = structs.replace(run(result("saleor"), result("brain", verdict)), waited=waited)
    assert on_failure.variables(made, Ending.DEADLINE, 124)["HEALTHMON_VERDICT"] == told


def test_a_signal_at_the_last_moment(tmp_path: Path) -> None:
    """Nothing runs for whoever has stopped it."""
    made, noted = tmp_path / "ran", Noted({}, signal.SIGTERM)
    assert on_failure.run(["touch", str(made)], run(result()), Ending.DEADLINE, 124, noted) is signal.SIGTERM
    assert not made.exists()


def test_a_variable_never_grows_too_long() -> None:
    """Linux would not run the command. What is cut is cut between two ids."""
    many = [result(f"service-{number:05}", Verdict.DOWN) for number in range(6000)]
    told = on_failure.variables(run(*many), Ending.DEADLINE, 124)
    for name in ("HEALTHMON_FAILED", "HEALTHMON_CAUSES"):
        assert 60_000 < len(told[name]) <= 2**16
    assert told["HEALTHMON_FAILED"].split()[-1] in {one.service.id for one in many}
    assert told["HEALTHMON_CAUSES"].endswith("=status")


def test_ids_of_many_bytes(capfd: pytest.CaptureFixture[str]) -> None:
    """Linux counts bytes, not letters."""
    many = [result(f"{'服务' * 20}-{number:04}", Verdict.DOWN) for number in range(1800)]
    told = on_failure.variables(run(*many), Ending.DEADLINE, 124)
    assert 65_000 < len(told["HEALTHMON_FAILED"].encode()) <= 2**16
    assert told["HEALTHMON_FAILED"].split()[-1] in {one.service.id for one in many}
    assert on_failure.run(["sh", "-c", "echo ran >&2"], run(*many), Ending.DEADLINE, 124, Noted({})) is None
    assert capfd.readouterr().err == "ran\n"


def test_a_fault_of_ours_keeps_nobody_from_rolling_back(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The command runs without the report, and the fault is told."""

    def fail(*_: object) -> str:
        raise LookupError("no such thing")

    monkeypatch.setattr(on_failure, "REPORTS", {"json": fail})
    command = ["sh", "-c", 'printf "%s|%s\n" "$HEALTHMON_FAILED" "$(cat)" >&2']
    assert on_failure.run(command, run(result("brain")), Ending.DEADLINE, 124, Noted({})) is None
    said = capfd.readouterr().err
    assert said.startswith("A fault in healthmon itself: LookupError: no such thing (")
    assert said.endswith("\nbrain|\n")


def test_no_variable_is_an_option_of_a_command() -> None:
    """Or a `healthmon check` that the command runs would obey it."""
    for name in on_failure.variables(run(result()), Ending.DEADLINE, 124):
        assert name != "HEALTHMON_CONFIG"
        assert not any(name.startswith(f"HEALTHMON_{command.upper()}_") for command in group.COMMANDS)


def test_every_variable_is_documented() -> None:
    """And no other."""
    text = (ROOT / "docs/wait.md").read_text(encoding="utf-8")
    told = on_failure.variables(run(result()), Ending.DEADLINE, 124)
    assert re.findall(r"^\| `(HEALTHMON_\w+)` \|", text, re.MULTILINE) == list(told)
