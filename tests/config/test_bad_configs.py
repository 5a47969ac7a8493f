"""Every file in `tests/bad_configs` begins with the messages that it must give."""

import re
from pathlib import Path

import pytest

from healthmon.config.load import load
from healthmon.errors import ConfigError
from healthmon.probes import PROBES

FOLDER = Path(__file__).parent.parent / "bad_configs"
ENVIRON = {"TOKEN": "sesame-open", "NEWLINE": "a\nb"}
SECRETS = ("sesame-open", "a\nb", "secret-b", "secret-c", "12345")
FILES = sorted(path.name for path in FOLDER.glob("*.toml"))


def _expected(path: Path) -> list[str]:
    """The messages; what they list of the probes grows with these."""
    urls = ", ".join(f"{scheme}://" for scheme in PROBES)
    schemes = ", ".join(f'"{scheme}"' for scheme in sorted(PROBES))
    return [
        re.sub(r"\{of (.*?)\}", _schemes_with, line.removeprefix("#! ").replace("{urls}", urls)).replace(
            "{schemes}", schemes
        )
        for line in path.read_text().splitlines()
        if line.startswith("#! ")
    ]


def _schemes_with(match: re.Match[str]) -> str:
    """The schemes whose services have a key, or whose `expect` has it."""
    key = match[1]
    *first, last = (
        f"{scheme}://"
        for scheme, probe in PROBES.items()
        if key in probe.options.__struct_fields__ or key.removeprefix("expect.") in probe.expectations
    )
    return f"{', '.join(first)} and {last}"


@pytest.mark.parametrize("name", FILES)
def test_a_bad_config_gives_its_messages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)

    with pytest.raises(ConfigError) as caught:
        load(Path(name), environ=ENVIRON)

    assert _expected(Path(name)) == [str(fault) for fault in caught.value.faults]
    assert caught.value.exit_code == 78


@pytest.mark.parametrize("name", FILES)
def test_no_message_shows_a_secret(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)

    with pytest.raises(ConfigError) as caught:
        load(Path(name), environ=ENVIRON)

    assert [secret for secret in SECRETS if secret in str(caught.value)] == []


def test_each_file_has_one_fault_and_one_has_many() -> None:
    counts = {name: len(_expected(FOLDER / name)) for name in FILES}

    assert counts.pop("several.toml") > 10
    assert counts.pop("several_of_a_probe.toml") == 4
    assert set(counts.values()) == {1}
    assert len(counts) > 100
