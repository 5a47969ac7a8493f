"""What services are called, in a config that may be wrong."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.config.load import load
from healthmon.config.names import Named, names

CONFIG = """\
host = "127.0.0.1"
include = ["conf.d/*.toml", "${TEAM:-x}.toml", "gone.toml", "${file:secret}", 3]

[defaults]
group = "all"
tags = ["web"]

[[services]]
name = "Brain AI Gateway"
url = "http://{host}:8001/health"
timeout = "no duration"
auth.bearer = "${NOT_SET}"

[[services]]
id = "${TEAM}-auth"
name = 3
tags = ["a b", "${NOT_SET}", 3, "two\\nlines"]
group = "two\\nlines"
enabled = false
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d/more.toml").write_text(
        '[[services]]\nid = "crm"\nurl = "TCP://{host}:${NOT_SET}"\ngroup = "core"\ntags = "web"\n'
    )
    (tmp_path / "conf.d/worse.toml").write_text("[[services")
    (tmp_path / "b.toml").write_text("services = 3")
    (tmp_path / "services.toml").write_text(CONFIG)
    return tmp_path / "services.toml"


def test_services_of_all_files_whatever_is_wrong_with_the_rest(path: Path) -> None:
    assert list(names(path, {"TEAM": "b"})) == [
        Named("brain-ai-gateway", "Brain AI Gateway", "http", "all", ("web",), enabled=True),
        Named("b-auth", "", "", None, ("a b",), enabled=False),
        Named("crm", "", "tcp", "core", (), enabled=True),
    ]


def test_an_id_that_cannot_be_told_is_left_out(path: Path) -> None:
    assert [named.id for named in names(path, {})] == ["brain-ai-gateway", "crm"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[services",
        "services = 3",
        'services = [3, "a", []]',
        "[[services]]\nid = 'a b'\n[[services]]\nname = '...'\n[[services]]\n",
        "defaults = 3\ninclude = 3\nservices = []",
        "include = ['*/**/**/x']",
        "\0",
    ],
)
def test_a_broken_config_has_no_names(text: str, tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text(text)
    assert list(names(path, {})) == []


def test_what_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [list(names(path, {})) for path in (tmp_path, tmp_path / "pipe", tmp_path / "none")] == [[], [], []]


def test_the_ids_of_a_sound_config_are_those_that_the_loader_makes() -> None:
    path = Path(__file__).parents[2] / "config/services.toml"
    assert [named.id for named in names(path, {})] == [service.id for service in load(path, environ={}).services]


_VALUES = st.recursive(
    st.sampled_from(['"a"', '"${A}"', '"${file:x}"', '"$${"', '"${"', "1", "true", "1979-05-27", "nan", '"\\u0000"']),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | inner.map(lambda item: f"{{ x = {item} }}")
    ),
    max_leaves=3,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "name", "group", "tags", "enabled"]), _VALUES), max_size=3),
    st.dictionaries(st.sampled_from(["include", "defaults", "host"]), _VALUES),
)
def test_nothing_that_is_written_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, services: list[dict[str, str]], top: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("config") / "services.toml"
    lines = [f"{key} = {value}" for key, value in top.items()]
    for service in services:
        lines += ["[[services]]", *(f"{key} = {value}" for key, value in service.items())]
    path.write_text("\n".join(lines))
    for named in names(path, {}):
        assert named.id
