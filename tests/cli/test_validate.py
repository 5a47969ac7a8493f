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
    assert capsys.readouterr().out == "config/services.toml: 10 services and 4 disabled, no faults\n"
    assert main(["validate", "--with", "infrastructure"]) == 0
    assert capsys.readouterr().out == "config/services.toml: 14 services, no faults\n"


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
    assert capsys.readouterr().err == '--with cor: no service is in this group; did you mean "core"?\n'


def test_the_effective_config_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    Path("services.toml").write_text('[defaults]\ntimeout = "3s"\n' + TEXT + 'auth.bearer = "secret"\n')

    assert main(["validate", "--show", "127.0.0.1"]) == 0

    out = capsys.readouterr().out
    assert out.startswith('host = "127.0.0.1"\n\n[[services]]\nid = "a"\n')
    assert 'timeout = "3s"\n' in out
    assert 'auth = { bearer = "***" }\n' in out
