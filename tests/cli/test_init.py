"""`healthmon init`."""

from pathlib import Path

import pytest

from healthmon.cli import main
from healthmon.config.load import load
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_writes_a_config_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0

    assert load(Path("services.toml"), environ={}).services == load(ROOT / "config/services.toml", environ={}).services
    assert Path("services.toml").read_text().startswith("# The services of one host")
    assert capsys.readouterr().err.splitlines() == [
        "services.toml is written. Next:",
        "  healthmon demo -- healthmon check    try it against local servers",
        "  edit services.toml, then: healthmon validate",
        "  healthmon check HOST    once, now",
        "  healthmon run HOST      all the time",
    ]


def test_another_place_is_named_in_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "my.toml"]) == 0

    assert "healthmon validate --config my.toml\n" in capsys.readouterr().err


def test_it_overwrites_only_by_force(capsys: pytest.CaptureFixture[str]) -> None:
    Path("services.toml").write_text("mine")

    assert main(["init"]) == 2
    assert capsys.readouterr().err == "services.toml exists already; --force overwrites it\n"
    assert Path("services.toml").read_text() == "mine"
    assert main(["init", "--force"]) == 0
    assert Path("services.toml").read_text() != "mine"


def test_a_place_that_cannot_be_written_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "none/services.toml"]) == 2
    assert capsys.readouterr().err == "cannot write none/services.toml: No such file or directory\n"
