"""The reference in `docs/config.md` has every key, and no other, and its examples are right."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import inspect

from healthmon.config.daemon import DaemonKeys
from healthmon.config.grammar import Operators
from healthmon.config.keys import ExpectKeys, FileKeys, ModuleKeys, ServiceKeys
from healthmon.config.kinds import Kind, kind_of, members
from healthmon.config.load import parse
from healthmon.config.shape import module_shape, shape_of
from healthmon.config.windows import Cron, WindowKeys
from healthmon.core.expectations import Operator
from healthmon.core.units import Duration, PositiveDuration, Size
from healthmon.net.http.step_options import StepOptions
from healthmon.probes import PROBES
from healthmon.probes.contract import Probe
from tests.config.texts import one

TEXT = (Path(__file__).parents[2] / "docs/config.md").read_text(encoding="utf-8")
PAGES = Path(__file__).parents[2] / "docs/probes"
SECTIONS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")}

SERVICE = '[[services]]\nname = "A"\nurl = "http://127.0.0.1/"\n'
WINDOW = WindowKeys(cron=Cron("0 3 * * *"), duration=PositiveDuration(3600))


def _rows(section: str) -> dict[str, list[str]]:
    """The tables of a section of `docs/config.md`."""
    return _table_rows(SECTIONS[section])


def _table_rows(section: str) -> dict[str, list[str]]:
    """The tables of a section: the first cell in backticks → the other cells."""
    rows = (re.split(r"(?<!\\) \| ", line.strip("| ")) for line in section.splitlines() if line.startswith("| `"))
    return {cells[0].strip("`"): cells[1:] for cells in rows}


def _keys(kind: Kind, prefix: str = "") -> Iterator[str]:
    """The keys of a type, those of tables in it as `table.key`."""
    for member in members(kind):
        if isinstance(member, inspect.StructType):
            for field in member.fields:
                yield prefix + field.name
                yield from _keys(field.type, f"{prefix}{field.name}.")


def test_the_top_of_the_file() -> None:
    assert set(_rows("At the top of the file")) == set(FileKeys.__struct_fields__)


def test_every_service() -> None:
    assert list(_rows("Every service")) == list(ServiceKeys.__struct_fields__)


def test_the_daemon() -> None:
    assert list(_rows("The daemon")) == list(_keys(kind_of(DaemonKeys)))


def test_maintenance() -> None:
    assert list(_rows("Maintenance")) == list(WindowKeys.__struct_fields__)


@pytest.mark.parametrize("scheme", PROBES)
def test_modules(scheme: str) -> None:
    """What every module has. The rest are the keys of each scheme."""
    keys = module_shape(shape_of(PROBES[scheme]), PROBES).keys.__struct_fields__
    assert set(_rows("Modules")) == set(keys) - set(PROBES[scheme].options.__struct_fields__)


@pytest.mark.parametrize(
    ("section", "keys"), [("The daemon", DaemonKeys()), ("Maintenance", WINDOW), ("Modules", ModuleKeys())]
)
def test_the_defaults_of_what_is_for_the_daemon(section: str, keys: Any) -> None:
    for key, cells in _rows(section).items():
        holder = keys.flapping if key.startswith("flapping.") else keys
        if cells[1].startswith("`") and cells[1] != "`{}`" and hasattr(holder, key.rpartition(".")[2]):
            (written,) = tomllib.loads(f"value = {cells[1].strip('`')}").values()
            value = getattr(holder, key.rpartition(".")[2])
            assert value == (type(value).parse(written) if hasattr(value, "parse") else written)


@pytest.mark.parametrize("key", ["timeout", "retries"])
def test_the_defaults_of_modules_are_those_of_services(key: str) -> None:
    assert _rows("Modules")[key][1] == _rows("Every service")[key][1]


def _page(scheme: str) -> str:
    """The page of a probe, which has the name of its file; empty where `docs/config.md` tells all."""
    path = PAGES / f"{PROBES[scheme].run.__module__.rpartition('.')[2]}.md"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _section(page: str, heading: str) -> str:
    """What stands beneath a heading."""
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _named(page: str, heading: str) -> set[str]:
    """The first cells of the tables beneath a heading."""
    section = _section(page, heading)
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


@pytest.mark.parametrize("scheme", PROBES)
def test_the_keys_of_each_scheme(scheme: str) -> None:
    """What many have in `docs/config.md`, the rest on the probe's page, which names no key that there is not."""
    keys = set(_keys(kind_of(PROBES[scheme].options)))
    own = _named(_page(scheme), "Keys")
    shared = {
        *_rows("Services that are reached over the network"),
        *_rows("TLS"),
        *_named(_page("http"), "Keys"),
    }
    assert keys - shared <= own
    assert own <= {key for name, probe in PROBES.items() if _page(name) == _page(scheme) for key in _all_keys(probe)}


@pytest.mark.parametrize("scheme", PROBES)
def test_what_a_probe_expects_beside_the_usual_is_on_its_page(scheme: str) -> None:
    added = PROBES[scheme].expectations - set(ExpectKeys.__struct_fields__)
    assert added <= _named(_page(scheme), "What is expected")


def _all_keys(probe: Probe) -> set[str]:
    return set(_keys(kind_of(probe.options)))


def test_the_expectations() -> None:
    assert set(_rows("What is expected")) == set(_keys(kind_of(ExpectKeys))) | set(Operators.__struct_fields__)
    assert set(Operators.__struct_fields__) == set(Operator)


def test_which_schemes_have_which_expectations() -> None:
    rows = {key: cells[0] for key, cells in _rows("What is expected").items() if key in ExpectKeys.__struct_fields__}
    everywhere = {
        key: set(PROBES) if cell == "all" else set(re.findall(r"`(\w+)`", cell)) for key, cell in rows.items()
    }

    assert everywhere == {
        key: {scheme for scheme, probe in PROBES.items() if key in probe.expectations}
        for key in ExpectKeys.__struct_fields__
    }


@pytest.mark.parametrize("key", ServiceKeys.__struct_fields__)
def test_the_defaults_of_every_service(key: str) -> None:
    cell = _rows("Every service")[key][1]
    if cell.startswith("`"):
        (written,) = tomllib.loads(f"value = {cell.strip('`')}").values()
        value = getattr(ServiceKeys(name="a", url="b"), key)  # type: ignore[arg-type]
        assert value == (Duration.parse(written) if isinstance(value, Duration) else written)


def test_the_defaults_of_http() -> None:
    options: Any = PROBES["http"].options()
    rows = _rows("Services that are reached over the network") | _table_rows(_section(_page("http"), "Keys"))
    for key, cells in rows.items():
        if cells[1].startswith("`") and "." not in key:
            (written,) = tomllib.loads(f"value = {cells[1].strip('`')}").values()
            value = getattr(options, key)
            assert value == (Size.parse(written) if isinstance(value, Size) else written)


def test_the_keys_of_steps() -> None:
    """Each has its row, in the order of the code."""
    assert list(_table_rows(_section(_page("http"), "Steps"))) == list(StepOptions.__struct_fields__)


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", _page("http"), re.DOTALL))
def test_the_examples_of_http_are_right(example: str) -> None:
    secrets = {"SEARCH_TOKEN": "a", "ORDERS_SECRET": "b", "ASSISTANT_PASSWORD": "c"}
    assert parse(example, environ=secrets).services


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
def test_the_examples_are_right(example: str, tmp_path: Path) -> None:
    if "[daemon]" in example:
        for name in ("cert.pem", "key.pem", "token", "prometheus"):
            (tmp_path / name).write_text("x")
        example = f"{SERVICE}{example.replace('/etc/healthmon', str(tmp_path))}"
        assert parse(example, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}).daemon.access
    elif "[[services]]" in example:
        assert parse(example).services
    else:
        assert one(SERVICE + example).expect.json


def test_the_messages_are_those_that_are_given() -> None:
    """The lines of the example, from a config that makes these mistakes."""
    text = "\n" * 8 + '[[services]]\nname = "Web"\nurl = "http://127.0.0.1/"\ntimout = 1\n\nexpect.status = 99\n'
    text += 'depends_on = ["databse"]\n[[services]]\nname = "Database"\nurl = "tcp://127.0.0.1:1"\n'

    with pytest.raises(Exception, match="timout") as caught:
        parse(text)

    assert str(caught.value) in TEXT
