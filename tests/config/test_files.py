"""What is read, and what cannot be."""

import glob
from pathlib import Path

import pytest

from healthmon.config.load import load, parse
from healthmon.errors import ConfigError
from tests.config.texts import faults


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read this file: No such file or directory"):
        load(tmp_path / "none.toml", environ={})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read this file: Is a directory"):
        load(tmp_path, environ={})


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_bytes(b'host = "x"\n# caf\xe9\n')

    with pytest.raises(ConfigError) as caught:
        load(path, environ={})

    assert f"{path}:2: not valid TOML: the byte 0xe9 is not UTF-8; save the file as UTF-8" == str(caught.value)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_bytes(b'\xef\xbb\xbf[[services]]\nname = "Web"\nurl = "http://127.0.0.1/"\n')

    assert [service.id for service in load(path, environ={}).services] == ["web"]


def test_nesting_too_deep_is_a_fault_not_a_crash() -> None:
    assert faults("a = " + "[" * 9999 + "]" * 9999) == ["None: not valid TOML: lists or tables are nested too deep"]


def test_included_services_follow_in_the_order_of_their_files(tmp_path: Path) -> None:
    text = '[[services]]\nname = "{}"\nurl = "tcp://127.0.0.1:1"\n'
    (tmp_path / "conf[d]").mkdir()
    for name in ("b", "a", "c"):
        (tmp_path / f"conf[d]/{name}.toml").write_text(text.format(name))
    main = tmp_path / "conf[d]/services.toml"
    main.write_text('include = ["b.toml", "*.toml", "${WHERE}/c.toml"]\n' + text.format("main"))

    config = load(main, environ={"WHERE": str(tmp_path / "conf[d]").replace("[", "[[]")})

    assert [service.id for service in config.services] == ["main", "b", "a", "c"]


def test_a_file_that_includes_no_services_is_fine(tmp_path: Path) -> None:
    (tmp_path / "a.toml").touch()
    main = tmp_path / "services.toml"
    main.write_text('include = ["a.toml"]\n[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n')

    assert len(load(main, environ={}).services) == 1


def test_paths_are_relative_to_the_file_in_which_they_stand(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "token").write_text("of-main")
    (tmp_path / "conf.d/token").write_text("of-included")
    service = '[[services]]\nname = "{}"\nurl = "https://127.0.0.1/"\n'
    for name in ("ca.pem", "conf.d/cert.pem", "key.pem"):
        (tmp_path / name).touch()
    (tmp_path / "conf.d/a.toml").write_text(
        service.format("Included") + 'headers.X-Own = "${file:token}"\ntls.cert = "cert.pem"\ntls.key = "../key.pem"\n'
    )
    main = tmp_path / "services.toml"
    main.write_text(
        'include = ["conf.d/*.toml"]\n[defaults]\nheaders.X-Default = "${file:token}"\ntls.ca = "ca.pem"\n'
        + service.format("Main")
    )

    first, second = load(main, environ={}).services

    assert first.options.headers == {"X-Default": "of-main"}
    assert second.options.headers == {"X-Default": "of-main", "X-Own": "of-included"}
    assert str(tmp_path / "ca.pem") == first.options.tls.ca == second.options.tls.ca
    assert (str(tmp_path / "conf.d/cert.pem"), str(tmp_path / "key.pem")) == (
        second.options.tls.cert,
        second.options.tls.key,
    )


@pytest.mark.parametrize("pattern", ["conf.d/*.toml", "conf.d/**/a.toml", "[ab].toml"])
def test_a_pattern_may_match_nothing(pattern: str, tmp_path: Path) -> None:
    """A folder for more files may be empty, or not be there yet."""
    main = tmp_path / "services.toml"
    main.write_text(f'include = ["{pattern}"]\n[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n')

    assert len(load(main, environ={}).services) == 1


def test_a_config_knows_its_files(tmp_path: Path) -> None:
    text = '[[services]]\nname = "{}"\nurl = "tcp://127.0.0.1:1"\n'
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(text.format(name))
    main = tmp_path / "services.toml"
    main.write_text('include = ["*.toml", "a.toml", "none/*.toml"]\n' + text.format("main"))

    assert (str(main), str(tmp_path / "a.toml"), str(tmp_path / "b.toml")) == load(main, environ={}).files
    assert parse(text.format("x"), path="x.toml").files == ("x.toml",)


def test_a_config_knows_its_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As absolute ones: files that match later belong to it, whatever the working directory is then."""
    folder = tmp_path / "conf[d]"
    folder.mkdir()
    text = 'include = ["x/*.toml", "/etc/more/*.toml", "${WHERE}/**/*.toml"]\n[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n'
    (folder / "services.toml").write_text(text)
    escaped = str(tmp_path / "conf[[]d]")
    monkeypatch.chdir(folder)

    config = load(Path("services.toml"), environ={"WHERE": "y"})

    assert config.includes == (f"{escaped}/x/*.toml", "/etc/more/*.toml", f"{escaped}/y/**/*.toml")
    (folder / "x").mkdir()
    (folder / "x/a.toml").touch()
    assert glob.glob(config.includes[0]) == [str(folder / "x/a.toml")]  # noqa: PTH207 - absolute
    assert parse('[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n').includes == ()
