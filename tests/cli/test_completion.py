"""Completion, in the shells themselves."""

import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pexpect
import pytest

from healthmon.cli import group, main
from healthmon.cli.group import LazyGroup
from healthmon.cli.shell.scripts import SCRIPTS, answer
from healthmon.cli.shell.suggestions import SUGGEST
from healthmon.demo import SERVICES
from healthmon.demo.faults import Fault
from healthmon.reports import REPORTS
from tests.conftest import PROGRAM

CONFIG = """\
[[services]]
id = "brain"
name = "Brain: the gateway"
url = "http://127.0.0.1:1/${NOT_SET}"
group = "core"
tags = ["a b", "it's", "x:1", "x:2"]

[[services]]
id = "bread"
name = "Bread"
url = "http://127.0.0.1:2/"
group = "other one"
enabled = false
"""

_OF_BASH = Path("/usr/share/bash-completion/bash_completion")

needs = {shell: pytest.mark.skipif(not shutil.which(shell), reason=f"there is no {shell}") for shell in SCRIPTS}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a config, and the program in a folder of $PATH."""
    (tmp_path / "my config").mkdir()
    (tmp_path / "my config/other.toml").write_text('[[services]]\nid = "else"\nname = "E"\nurl = "tcp://127.0.0.1:1"\n')
    (tmp_path / "services.toml").write_text(CONFIG)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/healthmon"
    program.write_text(f'#!/bin/sh\nexec {PROGRAM} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    shutil.copy(program, tmp_path / "bin/my-server")
    return tmp_path


def environ(place: Path) -> dict[str, str]:
    """What a shell is started with: no word of a user's own settings."""
    return {"PATH": f"{place}/bin:/usr/bin:/bin", "HOME": str(place), "TERM": "dumb", "LANG": "C.UTF-8", "PS1": "> "}


def typed(shell: "pexpect.spawn[str]", keys: str) -> list[str]:
    """The words that are there after these keys and a tab: shown by making them the arguments of another command."""
    shell.send(f"{keys}\t\x01printf '<%s>' begin \x05 end\r")
    shell.expect(r"<begin><(.*)><end>", timeout=20)
    assert isinstance(shell.match, re.Match)
    words = shell.match.group(1).split("><")
    shell.expect("> ", timeout=20)
    return words


@pytest.fixture
def bash(place: Path) -> "Iterator[pexpect.spawn[str]]":
    arguments = ["--norc", "--noprofile", "-i"]
    with pexpect.spawn(
        "bash", arguments, env=environ(place), cwd=str(place), encoding="utf-8", dimensions=(50, 200)
    ) as it:
        it.expect("> ")
        it.sendline("bind 'set enable-bracketed-paste off'; source <(healthmon completion bash) && echo load''ed")
        it.expect("loaded\r\n> ", timeout=20)
        yield it


@pytest.fixture
def zsh(place: Path) -> "Iterator[pexpect.spawn[str]]":
    setting = {**environ(place), "PS1": "> ", "ZDOTDIR": str(place)}
    (place / ".zshrc").write_text(
        "PS1='> '; bindkey -e; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D\n"
        "source <(healthmon completion zsh)\necho load''ed\n"
    )
    arguments = ["-i", "-o", "no_global_rcs", "+o", "prompt_sp"]
    with pexpect.spawn("zsh", arguments, env=setting, cwd=str(place), encoding="utf-8", dimensions=(50, 200)) as it:
        it.expect("loaded", timeout=20)
        it.expect("> ")
        yield it


TYPED = [
    ("healthmon dia", ["diagnose"]),
    ("healthmon check --onl", ["check", "--only"]),
    ("healthmon check --format js", ["check", "--format", "json"]),
    ("healthmon check --only bra", ["check", "--only", "brain"]),
    ("healthmon check --only=bra", ["check", "--only=brain"]),
    ("healthmon check --only brain --only br", ["check", "--only", "brain", "--only", "bread"]),
    ("healthmon check --skip 'bre", ["check", "--skip", "bread"]),
    ("healthmon check --only br\\*", ["check", "--only", "br*"]),
    ("healthmon check --group o", ["check", "--group", "other one"]),
    ("healthmon check --with o", ["check", "--with", "other one"]),
    ("healthmon check --tag it", ["check", "--tag", "it's"]),
    ("healthmon check --tag 'a", ["check", "--tag", "a b"]),
    ("healthmon check --tag x:", ["check", "--tag", "x:"]),
    ("healthmon diagnose bre", ["diagnose", "bread"]),
    ("healthmon check --expect bra", ["check", "--expect", "brain."]),
    ("healthmon check --expect brain.st", ["check", "--expect", "brain.status="]),
    ("healthmon check --report js", ["check", "--report", "json="]),
    ("healthmon check --report json=serv", ["check", "--report", "json=services.toml"]),
    ("healthmon check --config serv", ["check", "--config", "services.toml"]),
    ("healthmon check --config=serv", ["check", "--config=services.toml"]),
    (
        "healthmon check --config 'my config/other.toml' --only e",
        ["check", "--config", "my config/other.toml", "--only", "else"],
    ),
    (
        "healthmon check --config=my\\ config/other.toml --only e",
        ["check", "--config=my config/other.toml", "--only", "else"],
    ),
    ("healthmon wait --on-failure ./bin/my-s", ["wait", "--on-failure", "./bin/my-server"]),
    ("healthmon demo --fail auth=ha", ["demo", "--fail", "auth=hang"]),
    ("healthmon wait --only brain -- my-serv", ["wait", "--only", "brain", "--", "my-server"]),
    ("healthmon wait -- ./bin/my-s", ["wait", "--", "./bin/my-server"]),
    ("healthmon wait -- my-server serv", ["wait", "--", "my-server", "services.toml"]),
    (
        "healthmon wait --only=brain -- my-server --to=here my\\ config/o",
        [
            *("wait", "--only=brain", "--", "my-server", "--to=here", "my config/other.toml"),
        ],
    ),
    ("healthmon demo -- my-server ./serv", ["demo", "--", "my-server", "./services.toml"]),
]


@needs["bash"]
def test_bash(bash: "pexpect.spawn[str]") -> None:
    shown = {keys: typed(bash, keys)[1:] for keys, _ in TYPED}
    assert shown == dict(TYPED)
    assert typed(bash, "./bin/healthmon check --only bra")[1:] == ["check", "--only", "brain"]
    assert typed(bash, "~/bin/healthmon check --config ~/my\\ config/other.toml --only e")[-1] == "else"


@needs["bash"]
@pytest.mark.parametrize("function", ["_command_offset", "_comp_command_offset"])
def test_bash_completes_a_command_behind_dashes_as_its_own_completion_does(
    function: str, bash: "pexpect.spawn[str]"
) -> None:
    """Where the package bash-completion is loaded, which has one of these functions: it gets the command's place."""
    bash.sendline(f"{function}() {{ COMPREPLY=(\"of-${{COMP_WORDS[$1]}}\"); }}; echo def''ined")
    bash.expect("defined\r\n> ", timeout=20)
    assert typed(bash, "healthmon wait --only=brain -- git che")[-2:] == ["git", "of-git"]


@needs["bash"]
@pytest.mark.skipif(not _OF_BASH.exists(), reason="needs bash-completion: apt-get install bash-completion")
def test_bash_completes_healthmon_behind_dashes(bash: "pexpect.spawn[str]") -> None:
    """As it does any command whose completion is known."""
    bash.sendline(f"source {_OF_BASH} && echo sour''ced")
    bash.expect("sourced\r\n> ", timeout=20)
    assert typed(bash, "healthmon demo -- healthmon check --only bra")[-1] == "brain"


@needs["bash"]
def test_bash_prefers_toml_files_where_they_are_meant(place: Path, bash: "pexpect.spawn[str]") -> None:
    """Beside folders; where there are none, any file. Lists of files are sorted."""
    (place / "services.txt").touch()
    for name in ("zebra", "apple", "mango"):
        (place / f"a report {name}").touch()
    assert typed(bash, "healthmon rollout serv")[1:] == ["rollout", "services.toml"]
    assert typed(bash, "healthmon check --config services.tx")[-1] == "services.txt"
    assert typed(bash, "healthmon schema --output services.tx")[-1] == "services.txt"
    bash.send("healthmon check --state a\\ report\\ \t\t")
    bash.expect(r"apple\s+.*mango\s+.*zebra", timeout=20)
    bash.sendintr()
    bash.expect("> ")


@needs["bash"]
def test_bash_lists_what_is_possible(bash: "pexpect.spawn[str]") -> None:
    bash.send("healthmon check --tag x:\t\t")
    bash.expect(r"\r\n1 +2 *\r\n", timeout=20)
    bash.sendintr()
    bash.expect("> ")
    bash.send("healthmon check --config none.toml --only \t\t")
    bash.expect_exact("--only ")
    bash.send("x\x01printf '<%s>' \r")
    bash.expect_exact("<healthmon><check><--config><none.toml><--only><x>", timeout=20)


@needs["zsh"]
def test_zsh(zsh: "pexpect.spawn[str]") -> None:
    shown = {keys: typed(zsh, keys)[1:] for keys, _ in TYPED}
    assert shown == dict(TYPED)
    assert typed(zsh, "healthmon demo -- healthmon check --only bra")[-1] == "brain"
    assert typed(zsh, "./bin/healthmon check --only bra")[1:] == ["check", "--only", "brain"]
    assert typed(zsh, "~/bin/healthmon check --config ~/my\\ config/other.toml --only e")[-1] == "else"


@needs["zsh"]
def test_zsh_tells_what_each_is(zsh: "pexpect.spawn[str]") -> None:
    """A colon in a name, which stands between a value and its description, does no harm."""
    zsh.send("healthmon check --only \t\t")
    zsh.expect(r"brain +-- Brain: the gateway", timeout=20)
    zsh.expect(r"bread +-- Bread \(disabled\)", timeout=20)


def fish(place: Path, line: str) -> list[str]:
    """What fish offers at the end of a line."""
    done = subprocess.run(
        ["fish", "--no-config", "-c", 'healthmon completion fish | source; complete -C "$LINE"'],
        capture_output=True,
        encoding="utf-8",
        env={**environ(place), "LINE": line},
        cwd=place,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@needs["fish"]
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("healthmon dia", ["diagnose\tLook at one service layer by layer: where does it break?"]),
        ("healthmon check --onl", ["--only\tOnly these. Globs; repeatable."]),
        ("healthmon check --only ", ["brain\tBrain: the gateway", "bread\tBread (disabled)"]),
        ("healthmon check --only=br", ["--only=brain\tBrain: the gateway", "--only=bread\tBread (disabled)"]),
        ("healthmon check --group ", ["core", "other one"]),
        ("healthmon check --tag ", ["a b", "it's", "x:1", "x:2"]),
        ("healthmon check --tag 'a", ["a b"]),
        ("healthmon check --expect b", ["brain.\tBrain: the gateway", "bread.\tBread (disabled)"]),
        ("healthmon check --report json=serv", ["json=services.toml"]),
        ("healthmon check --config=serv", ["--config=services.toml"]),
        ("healthmon check --config 'my config/other.toml' --only ", ["else\tE"]),
        ("healthmon check --config=my\\ config/other.toml --only ", ["else\tE"]),
        ("healthmon check --config ~/my\\ config/other.toml --only ", ["else\tE"]),
        ("healthmon check --config none.toml --only ", []),
        ("true; ./bin/healthmon diagnose bre", ["bread\tBread (disabled)"]),
        ("healthmon wait --only brain -- my-serv", ["my-server\tcommand"]),
        ("healthmon wait -- ./bin/my-s", ["./bin/my-server\tcommand"]),
        ("healthmon wait -- my-server 'a b' my\\ c", ["my config/"]),
        ("healthmon demo -- healthmon check --only bra", ["brain\tBrain: the gateway"]),
    ],
)
def test_fish(place: Path, line: str, offered: list[str]) -> None:
    assert fish(place, line) == offered


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_scripts_are_sound(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    done = subprocess.run([shell, "-n", "/dev/stdin"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


COMMANDS = LazyGroup("healthmon", commands_at=group.COMMANDS)


def values(line: str, shell: str = "zsh", breaks: str = "") -> list[str]:
    """The values that a shell is answered."""
    return [one.split("\t")[1] for one in answer(shell, line, breaks, COMMANDS)]


@pytest.fixture
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.delenv("HEALTHMON_CONFIG", raising=False)


def test_all_commands_are_offered_and_none_is_imported() -> None:
    """Not even that which is typed so far."""
    assert values("healthmon ") == list(group.COMMANDS)
    code = (
        "import sys\nfrom healthmon.cli import main\n"
        "main(['completion', 'fish', '--line', 'healthmon c'])\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "check\t" in done.stdout
    imported = {name for name in done.stderr.split() if name.startswith("healthmon.cli.")}
    assert imported == {
        f"healthmon.cli.{name}"
        for name in (
            *("completion", "group", "grouped", "headings", "shell", "shell.scripts", "shell.suggestions"),
            *("shown", "streams"),
        )
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("healthmon", list(group.COMMANDS)),
        ("healthmon --h", ["--help"]),
        ("healthmon nosuch --o", []),
        ("healthmon demo --fail ", None),
        ("healthmon demo --fail brain=", [f"brain={fault}" for fault in Fault]),
        ("healthmon check --report ", [f"{name}=" for name in REPORTS]),
        ("healthmon check --expect b", ["brain.", "bread."]),
        (
            "healthmon check --expect brain.",
            [
                *(f"brain.body.{rule}=" for rule in ("contains", "matches", "not_contains", "not_matches")),
                *("brain.header.", "brain.json.", "brain.latency=", "brain.status="),
            ],
        ),
        ("healthmon check --expect brain.j", ["brain.json."]),
        ("healthmon check --expect brain.json.version=", []),
        ("healthmon check --phase ", []),
        ("healthmon check 192.0", []),
        ("healthmon check -- --on", []),
        ("healthmon demo -- healthmon check --on", [""]),
        ("healthmon check --timeout nonsense --nosuch --only b", ["brain", "bread"]),
        ("healthmon check --only brain --only b", ["bread"]),
        ("healthmon check --only 'b", ["brain", "bread"]),
        ("healthmon check --only b\\", ["brain", "bread"]),
        ("healthmon check --only \udcff", []),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_offered(line: str, expected: list[str] | None) -> None:
    assert values(line) == ([f"{service.id}=" for service in SERVICES] if expected is None else expected)


def test_the_config_may_come_from_the_environment(
    place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("HEALTHMON_CHECK_CONFIG", str(place / "my config/other.toml"))
    monkeypatch.setenv("HEALTHMON_CONFIG", str(place / "services.toml"))
    assert values("healthmon check --only ") == ["else"]
    assert values("healthmon diagnose ") == ["brain", "bread"]


def test_what_a_rollout_names(
    place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its phases, and the config of its services, which comes behind the one that is typed."""
    phases = '[[phase]]\nname = "shop"\n[[phase]]\nname = "the core"\n'
    (place / "rollout.toml").write_text(f'config = "my config/other.toml"\n{phases}')
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.delenv("HEALTHMON_CONFIG", raising=False)
    assert values("healthmon rollout ~/rollout.toml --from ") == ["shop", "the core"]
    assert values("healthmon rollout ~/rollout.toml --from s") == ["shop"]
    assert values("healthmon rollout ~/rollout.toml --expect ") == ["else."]
    assert values("healthmon rollout ~/rollout.toml --config ~/services.toml --expect ") == ["brain.", "bread."]
    assert values("healthmon rollout --from ") == values("healthmon rollout ~/gone.toml --from ") == []


@pytest.mark.parametrize("text", [None, "", "[[services", 'include = ["none.toml"]\n'])
def test_a_missing_or_broken_config_offers_nothing_and_says_nothing(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "services.toml").write_text(text)
    assert main(["completion", "bash", "--line", "healthmon check --config services.toml --only "]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("line", "breaks", "expected"),
    [
        ("healthmon check --tag x:", " =:", ["1", "2"]),
        ("healthmon check --tag x:", " ", ["x:1", "x:2"]),
        ("healthmon check --tag=x:", " =:", ["1", "2"]),
        ("healthmon check --tag=x:", " ", ["--tag=x:1", "--tag=x:2"]),
        ("healthmon check --tag 'x:", " =:", ["x:1", "x:2"]),
        ("healthmon check --tag a", " =:", ["a\\ b"]),
        ("healthmon check --tag i", " =:", ["it\\'s"]),
    ],
)
@pytest.mark.usefixtures("here")
def test_bash_gets_the_last_piece_of_a_word_in_its_own_quotes(line: str, breaks: str, expected: list[str]) -> None:
    assert values(line, "bash", breaks) == expected


def test_a_name_in_the_config_forges_no_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[services]]\nid = "a"\nname = "N\\n\\u001b]0;x\\u0007\\tword"\n')
    assert list(answer("zsh", f"healthmon check --config {tmp_path}/a.toml --only ", "", COMMANDS)) == [
        "word\ta\tN word"
    ]


@pytest.mark.parametrize("name", group.COMMANDS)
def test_every_value_that_is_a_file_is_completed(name: str) -> None:
    """And every other that the help calls by a name of the table."""
    command = COMMANDS.get_command(None, name)  # type: ignore[arg-type]
    assert command
    for param in command.params:
        if isinstance(param, click.Option) and {"FILE", "PATH"} & set((param.metavar or "").replace("=", " ").split()):
            assert param.metavar in SUGGEST
