"""What a rollout's file names, in a file that may be wrong."""

from pathlib import Path

import pytest

from healthmon.config.rollout_names import RolloutNames, rollout_names


@pytest.mark.parametrize(
    ("text", "config", "phases"),
    [
        ('config = "s.toml"\nnosuch = 1\n[[phase]]\nname = " a b "\n[[phase]]\nname = "c"\n', "s.toml", ("a b", "c")),
        ('config = 1\nphase = ["x", {name = 1}, {name = "a\\nb"}, {}, {name = "ok"}]\n', None, ("ok",)),
        ("phase = 1\n", None, ()),
        ("[[phase", None, ()),
        (None, None, ()),
    ],
)
def test_what_is_named(tmp_path: Path, text: str | None, config: str | None, phases: tuple[str, ...]) -> None:
    """What is wrong is left out; the config is relative to the file."""
    if text is not None:
        (tmp_path / "r.toml").write_text(text)
    assert rollout_names(tmp_path / "r.toml") == RolloutNames(config and str(tmp_path / config), phases)
