"""The first place that has a config wins."""

from pathlib import Path

import pytest

from healthmon.config.load import SYSTEM_WIDE, find, load
from healthmon.errors import ConfigError


def test_what_the_user_names_comes_first(tmp_path: Path) -> None:
    assert Path("my.toml") == find("my.toml", environ={"HEALTHMON_CONFIG": "other.toml"}, cwd=tmp_path)


def test_then_the_environment(tmp_path: Path) -> None:
    assert Path("other.toml") == find(None, environ={"HEALTHMON_CONFIG": "other.toml"}, cwd=tmp_path)


def test_then_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "services.toml").touch()
    assert Path("services.toml") == find(None, environ={"HEALTHMON_CONFIG": ""}, cwd=tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/services.toml").touch()
    assert Path("config/services.toml") == find(None, environ={}, cwd=tmp_path)


@pytest.mark.skipif(SYSTEM_WIDE.exists(), reason="this machine has a config of its own")
def test_where_there_is_none_all_places_are_listed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find(None, environ={}, cwd=tmp_path)

    assert str(caught.value) == (
        "healthmon: there is no config file (looked for config/services.toml, services.toml,"
        " /etc/healthmon/services.toml); `healthmon init` writes one, --config names one"
    )


def test_what_is_named_and_not_there_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "my.toml", environ={})
    assert str(caught.value) == (
        f"{tmp_path}/my.toml: cannot read this file: No such file or directory; check the path, or write one with "
        "`healthmon init`"
    )
