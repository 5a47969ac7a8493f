"""`healthmon validate`."""

from pathlib import Path

import pytest

from healthmon.cli import main
from tests.conftest import ROOT

TEXT = '[[services]]\nname = "A"\nurl = "http://{host}:8000/"\n'


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_good_config_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert main(["validate"]) == 0
    assert capsys.readouterr().out == "config/services.toml: 10 services and 15 disabled, no faults\n"
    assert main(["validate", "--with", "infrastructure"]) == 0
    assert capsys.readouterr().out == "config/services.toml: 25 services, no faults\n"


def test_one_service_is_a_service(capsys: pytest.CaptureFixture[str]) -> None:
    Path("services.toml").write_text('host = "a"\n' + TEXT)

    assert main(["validate"]) == 0
    assert capsys.readouterr().out == "services.toml: 1 service, no faults\n"


def test_every_fault_is_a_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.toml").write_text('hots = "a"\n' + TEXT + "retries = -1\n")

    assert main(["validate", "--config", "my.toml", "127.0.0.1"]) == 78

    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        'my.toml:1: unknown key "hots"; did you mean "host"?',
        "my.toml:5: retries: expected a whole number, 0 or more; got -1",
    ]


def test_a_config_that_wants_a_host_is_checked_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    Path("services.toml").write_text(TEXT)

    assert main(["validate"]) == 78
    assert main(["validate", "127.0.0.1"]) == 0
    assert main(["validate", "http://127.0.0.1"]) == 2
    assert "write: 127.0.0.1" in capsys.readouterr().err


def test_a_group_that_is_not_there_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    Path("services.toml").write_text('host = "a"\n' + TEXT + 'group = "core"\n')

    assert main(["validate", "--with", "cor"]) == 2
    said = '--with cor: no service is in this group; did you mean "core"?\nThe groups are: core\n'
    assert capsys.readouterr().err == said


def test_the_effective_config_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    Path("services.toml").write_text('[defaults]\ntimeout = "3s"\n' + TEXT + 'auth.bearer = "secret"\n')

    assert main(["validate", "--show", "127.0.0.1"]) == 0

    out = capsys.readouterr().out
    assert out.startswith('host = "127.0.0.1"\n\n[[services]]\nid = "a"\n')
    assert 'timeout = "3s"\n' in out
    assert 'auth = { bearer = "***" }\n' in out


def test_a_check_that_may_outlast_its_interval_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    """That is no fault: the exit code is 0."""
    service = '[[services]]\nname = "{}"\nurl = "http://127.0.0.1/"\n{}\n'
    keys = {
        "web": 'interval = "2s"\nretries = 3',
        "slow": 'interval = "5s"',
        "equal": 'interval = "10s"',
        "off": 'interval = "5s"\nenabled = false',
    }
    Path("services.toml").write_text("".join(service.format(name, text) for name, text in keys.items()))

    assert main(["validate"]) == 0

    out, err = capsys.readouterr()
    assert out == "services.toml: 3 services and 1 disabled, no faults\n"
    assert err.splitlines() == [
        f"note: services.toml: {note}: turns will be skipped"
        for note in (
            "web: a check may take 40 s (4 attempts), longer than its interval of 2 s",
            "slow: a check may take 10 s, longer than its interval of 5 s",
        )
    ]


def test_no_more_notes_than_anybody_reads(capsys: pytest.CaptureFixture[str]) -> None:
    """One default can be the reason of them all."""
    services = "".join(f'[[services]]\nname = "s{number}"\nurl = "tcp://127.0.0.1:1"\n' for number in range(13))
    Path("services.toml").write_text('[defaults]\ninterval = "5s"\n' + services)

    assert main(["validate"]) == 0

    lines = capsys.readouterr().err.splitlines()
    assert (len(lines), lines[-1]) == (11, "note: services.toml: so it is with 3 more")


def test_nothing_but_faults_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """As a unit does, in whose journal each line counts as an error."""
    Path("services.toml").write_text('host = "a"\n' + TEXT + 'interval = "1s"\n')

    assert main(["validate", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    Path("services.toml").write_text(TEXT)
    assert main(["validate", "-q"]) == 78
    assert "{host}" in capsys.readouterr().err
