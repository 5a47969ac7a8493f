"""`healthmon schema`."""

import json
from pathlib import Path

import pytest

from healthmon.cli import main


def test_it_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "healthmon"


def test_it_writes_a_file_and_tells_whether_one_is_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "services.schema.json"

    assert main(["schema", "--output", str(path)]) == 0
    assert main(["schema", "--check", str(path)]) == 0
    path.write_text("{}")
    assert main(["schema", "--check", str(path)]) == 1

    assert capsys.readouterr() == (
        f"{path} is current\n",
        f"{path} is not current; write it anew: healthmon schema --output {path}\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "{}/none/a", "--check", "{}/b"], "--output and --check do not go together"),
        (["--output", "{}/none/a"], "--output: cannot write {}/none/a: No such file or directory"),
        (["--check", "{}/none"], "--check: cannot read {}/none: No such file or directory"),
        (["--check", "{}/bytes"], "--check: cannot read {}/bytes: it is not UTF-8 text"),
    ],
)
def test_what_cannot_be_done_is_a_mistake(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff")

    assert main(["schema", *(argument.replace("{}", str(tmp_path)) for argument in arguments)]) == 2
    assert capsys.readouterr().err == message.replace("{}", str(tmp_path)) + "\n"
