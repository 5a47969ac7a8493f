"""Where each service is written."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.config.load import load, parse
from healthmon.config.places import places
from healthmon.config.schema import Config
from healthmon.core.model import Place

MAIN = """\
host = "127.0.0.1"
include = ["conf.d/*.toml"]

[defaults]
name = "[[services]]"

# [[services]]
[[services]]
name = "Brain AI Gateway"
url = "http://{host}:8001/health"
expect.body.contains = '''
[[services]]
id = "not-one"
'''

[[services]]
id = "${TEAM}-auth"
url = "http://{host}:8006/health"
"""
MORE = """\
[[ services ]]
name = "CRM ${TEAM}"
url = "http://{host}:8003/health"
[services.labels]
container = "crm"
[[services]]
id = "agents"
enabled = false
url = "http://{host}:8008/health"
"""


def written(folder: Path) -> Config:
    """The config of the two files above."""
    (folder / "conf.d").mkdir()
    (folder / "conf.d/more.toml").write_text(MORE)
    (folder / "services.toml").write_text(MAIN)
    return load(folder / "services.toml", environ={"TEAM": "a"})


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return written(tmp_path)


def test_each_service_stands_where_its_header_is(config: Config, tmp_path: Path) -> None:
    main, more = str(tmp_path / "services.toml"), str(tmp_path / "conf.d/more.toml")
    assert places(config) == {
        "brain-ai-gateway": Place(main, 8),
        "a-auth": Place(main, 16),
        "crm-a": Place(more, 1),
        "agents": Place(more, 6),
    }


def test_files_are_named_as_the_user_named_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    config = load(Path("services.toml"), environ={"TEAM": "a"})
    assert [place.file for place in places(config).values()] == ["services.toml"] * 2 + ["conf.d/more.toml"] * 2


def test_services_in_an_inline_list_stand_at_their_own_lines(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text(
        'services = [\n  { name = "A", url = "tcp://127.0.0.1:1" },\n  { name = "B", url = "tcp://127.0.0.1:2" },\n]\n'
    )
    assert [place.line for place in places(load(path, environ={})).values()] == [2, 3]


def test_of_a_file_that_was_changed_what_is_still_there_is_found(config: Config, tmp_path: Path) -> None:
    main = tmp_path / "services.toml"
    main.write_text("# A new first line, and the rest in another order.\n" + MAIN.replace("Brain AI Gateway", "Brain"))
    assert places(config) == {
        "brain-ai-gateway": Place(str(main), None),
        # Its id has a placeholder, and there is no telling any more which of them it is.
        "a-auth": Place(str(main), None),
        "crm-a": Place(str(main), None),
        "agents": Place(str(tmp_path / "conf.d/more.toml"), 6),
    }


@pytest.mark.parametrize(
    "now", ["", "[[services", "services = 3", "services = [1]", '[[services]]\nid = 1\nurl = "x"\n', "\0"]
)
def test_a_file_that_is_no_config_any_more_has_no_lines(now: str, config: Config, tmp_path: Path) -> None:
    (tmp_path / "services.toml").write_text(now)
    (tmp_path / "conf.d/more.toml").unlink()
    assert set(places(config).values()) == {Place(str(tmp_path / "services.toml"), None)}


def test_a_file_that_has_vanished_has_no_lines(config: Config, tmp_path: Path) -> None:
    (tmp_path / "services.toml").unlink()
    found = places(config)
    assert (found["brain-ai-gateway"].line, found["agents"].line) == (None, 6)


def test_nobody_waits_for_a_pipe(config: Config, tmp_path: Path) -> None:
    (tmp_path / "services.toml").unlink()
    os.mkfifo(tmp_path / "services.toml")
    assert places(config)["brain-ai-gateway"].line is None


def test_a_config_that_was_in_no_file_has_no_lines(tmp_path: Path) -> None:
    config = parse('[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n', path=str(tmp_path / "services.toml"))
    assert places(config) == {"a": Place(str(tmp_path / "services.toml"), None)}


_BETWEEN = st.lists(st.sampled_from(["", "# [[services]]", 'hint = "[[services]]"', "[services.labels]"]), max_size=3)


@given(st.lists(_BETWEEN, min_size=1, max_size=6))
def test_the_line_is_always_that_of_a_header(tmp_path_factory: pytest.TempPathFactory, blocks: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("config") / "services.toml"
    lines: list[str] = []
    for number, block in enumerate(blocks):
        lines += ["[[services]]", f'id = "s{number}"', f'name = "S{number}"', f'url = "tcp://127.0.0.1:{number + 1}"']
        lines += [line for index, line in enumerate(block) if line not in block[:index] or line[:1] in ("", "#")]
    text = "\n".join(lines)
    path.write_text(text)
    tomllib.loads(text)
    for id_, place in places(load(path, environ={})).items():
        assert place.line is not None
        assert lines[place.line - 1 : place.line + 1] == ["[[services]]", f'id = "{id_}"']
