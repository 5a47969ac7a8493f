"""The config files that the repository comes with, told apart by what they hold."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "config"


def _of_a_rollout(path: Path) -> bool:
    return "phase" in tomllib.loads(path.read_text(encoding="utf-8"))


ROLLOUTS = sorted(path for path in FOLDER.rglob("*.toml") if _of_a_rollout(path))
"""Files of rollouts: they have phases, and no services."""

SERVICES = sorted(set(FOLDER.rglob("*.toml")).difference(ROLLOUTS))
"""All others: files with services."""
