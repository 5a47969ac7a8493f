"""The command lines that a rollout tells people to run."""

from pathlib import Path

from healthmon.cli.rollouts.command_lines import again, anew, check
from tests.cli.rollouts.ordered import ordered

EXTRA = '[[services]]\nid = "x1"\nname = "x"\nurl = "tcp://127.0.0.1:1"\nphase = 1\n'
DATABASE = '[[services]]\nid = "db"\nname = "db"\nurl = "tcp://127.0.0.1:1"\ngroup = "infrastructure"\n'


def checks(folder: Path, **keys: object) -> list[str]:
    """For each phase the command that checks what is to be healthy before it, without its beginning."""
    order = ordered(folder, **keys)  # type: ignore[arg-type]
    start = f"healthmon check 127.0.0.1 --config {folder}/services.toml"
    found = [check(order.request, order.undertaking, order.config.expected, index) for index in range(3)]
    return [line.replace(start, "...") for line in found]


def test_what_is_checked_by_hand_is_what_the_rollout_checks(tmp_path: Path) -> None:
    """Nothing is known for before the first phase."""
    assert checks(tmp_path) == ["", "... --phase 1", "... --phase 2"]


def test_what_decides_is_checked_by_hand_too(tmp_path: Path) -> None:
    """Or a check would say that all is well where the rollout says that it is broken."""
    expect = ("s1.body.contains=the new one", "s2.status=204", "s*.latency=2s")
    found = checks(tmp_path, expect=expect, timeout=2.5, strict=True, head='skip = "x*"\n', config=EXTRA)[1:2]
    assert found == [
        (
            "... --phase 1 --skip 'x*' --expect 's1.body.contains=the new one' --expect 's*.latency=2s' --timeout 2.5 "
            "--fail-on degraded"
        )
    ]


def test_the_prerequisites_are_checked_by_hand(tmp_path: Path) -> None:
    """Alone before the first phase; HOST would change nothing there."""
    found = checks(tmp_path, config=DATABASE)
    assert found == [
        f"healthmon check --config {tmp_path}/services.toml --with infrastructure --only db",
        "... --with infrastructure --phase 1",
        "... --with infrastructure --phase 2",
    ]


def test_going_on_and_beginning_anew_ask_for_the_same(tmp_path: Path) -> None:
    """With all options but what says where to begin."""
    order = ordered(
        tmp_path, host="127.0.0.2", journal="j", expect=("s1.status=200",), timeout=1.0, interval=2.0, strict=True,
        format="markdown", reports=("json=r.json",), first="two",
    )  # fmt: skip
    same = (
        f"healthmon rollout {tmp_path}/rollout.toml 127.0.0.2 --journal j --expect s1.status=200 --interval 2 "
        "--format markdown --report json=r.json --timeout 1 --fail-on degraded"
    )
    assert again(order.request) == f"{same} --resume"
    assert anew(order.request, order.undertaking, 0) == same
    assert anew(order.request, order.undertaking, 2) == f"{same} --from '3 or so'"
