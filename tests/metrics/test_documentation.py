"""The page on metrics and the code say the same."""

import re
from pathlib import Path

import pytest

from healthmon.metrics.families import (
    CHECK_BOUNDS,
    CHECK_FAMILIES,
    DAEMON_FAMILIES,
    RUN_FAMILIES,
    STATE_FAMILIES,
    Family,
)

PAGE = (Path(__file__).parents[2] / "docs/metrics.md").read_text(encoding="utf-8")
SECTIONS = {
    "Services": STATE_FAMILIES,
    "Checks": CHECK_FAMILIES,
    "The daemon": DAEMON_FAMILIES,
    "One run, pushed": RUN_FAMILIES,
}


def section(heading: str) -> str:
    """What stands beneath a heading."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(("heading", "families"), SECTIONS.items(), ids=list(SECTIONS))
def test_every_family_is_documented(heading: str, families: tuple[Family, ...]) -> None:
    """And no other, in their order, with type and labels."""
    rows = [line.strip("|").split("|") for line in section(heading).splitlines() if line.startswith("| `")]
    shown = [(name.strip(" `"), type_.strip(), re.findall(r"`(\w+)`", labels)) for name, type_, labels, _ in rows]
    assert shown == [(family.name, family.type, list(family.labels)) for family in families]


def test_every_name_in_the_page_exists() -> None:
    """In prose and queries too."""
    known = {
        family.name + suffix
        for families in SECTIONS.values()
        for family in families
        for suffix in (("", "_bucket", "_sum", "_count") if family.type == "histogram" else ("",))
    }
    assert set(re.findall(r"\bhealthmon_\w+", PAGE)) <= known


def test_the_bounds_are_documented() -> None:
    """All of the histogram of checks."""
    (shown,) = re.findall(r"The histogram's buckets end at ([\d., and]+) seconds", PAGE)
    assert tuple(map(float, re.findall(r"[\d.]+", shown))) == CHECK_BOUNDS


@pytest.mark.parametrize(
    "family", {family.name: family for group in SECTIONS.values() for family in group}.values(), ids=lambda f: f.name
)
def test_names_follow_the_conventions(family: Family) -> None:
    """Of Prometheus: the unit in the name, counters and infos known by it, help on one line that needs no escaping."""
    assert family.name.endswith("_seconds") == (family.unit == "seconds")
    assert family.name.endswith("_total") == (family.type == "counter")
    assert family.name.endswith("_info") == (family.type == "info")
    assert re.fullmatch(r"[^\\\n\"]+\.", family.help)
