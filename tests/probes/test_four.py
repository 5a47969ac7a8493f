"""A probe is four things: a file, a line in the table, a page and a test file. None of them is forgotten."""

import re
from pathlib import Path

import pytest

from healthmon.config.load import parse
from healthmon.core.advice.symptoms import SYMPTOMS
from healthmon.probes import PROBES
from tests.documents.reference import keys_of, schemes_on

ROOT = Path(__file__).parents[2]
CODE = ROOT / "healthmon"
MODULES = sorted({probe.run.__module__.rpartition(".")[2] for probe in PROBES.values()})
BESIDE = {"__init__", "contract"}
LED_TO = {
    "resolve": "../config.md#services-that-are-reached-over-the-network",
    "ip": "../config.md#services-that-are-reached-over-the-network",
    "tls": "../config.md#tls",
}
"""Where the keys are told that many schemes have: a page names them, or leads there."""


ANY = {"docker": "docker://web", "exec": "exec:", "unix": "unix:///run/app.sock"}
"""A URL for examples that show keys alone; others name a port."""


def page(module: str) -> str:
    """The page of a module, or nothing."""
    path = ROOT / f"docs/probes/{module}.md"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def named(text: str) -> set[str]:
    """What stands in backticks, a key of `expect` by itself, too."""
    found = re.findall(r"`([^`\n]+)`", text)
    return {*found, *(name.removeprefix("expect.").removeprefix("warn.") for name in found)}


BEGUN_IN_HTTP = {"websocket.py": "ws"}
"""Files in the folder of HTTP that are another probe's."""


def code(module: str) -> str:
    """The code of a probe, that of its own folder in `net` included."""
    own = [path for path in sorted((CODE / "net" / module).rglob("*.py")) if path.name not in BEGUN_IN_HTTP]
    lent = [CODE / "net/http" / name for name, owner in BEGUN_IN_HTTP.items() if owner == module]
    files = [CODE / f"probes/{module}.py", *own, *lent]
    return "".join(path.read_text(encoding="utf-8") for path in files)


def test_every_file_is_in_the_table() -> None:
    """And the table has no other."""
    assert {path.stem for path in (CODE / "probes").glob("*.py")} - BESIDE == set(MODULES)


def test_every_page_is_a_probes() -> None:
    assert {path.stem for path in (ROOT / "docs/probes").glob("*.md")} == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_it_is_tested(module: str) -> None:
    """In a file of its name."""
    tests = [*Path(__file__).parent.glob(f"test_{module}.py"), *Path(__file__).parent.glob(f"test_{module}_*.py")]
    assert any("def test_" in path.read_text(encoding="utf-8") for path in tests)


@pytest.mark.parametrize("module", MODULES)
def test_its_page_begins_with_what_is_written(module: str) -> None:
    """A title with its schemes, then an example."""
    text = page(module)
    title, _, rest = text.partition("\n")
    assert any(f"`{scheme}:" in title for scheme in schemes_on(module)), title
    assert rest.startswith("\n```toml\n[[services]]\n")


@pytest.mark.parametrize("module", MODULES)
def test_its_page_has_every_key(module: str) -> None:
    """Those of tables that many have, `auth` such as `tls`, may be told elsewhere."""
    text = page(module)
    keys = {key.name for scheme in schemes_on(module) for key in keys_of(PROBES[scheme].options)}
    rows = set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))
    assert {key for key in keys if "." not in key} - LED_TO.keys() <= rows
    assert {key for key in keys & LED_TO.keys() if f"`{key}`" not in text and LED_TO[key] not in text} == set()


@pytest.mark.parametrize("module", MODULES)
def test_its_page_has_every_expectation(module: str) -> None:
    found = named(page(module))
    assert {key for scheme in schemes_on(module) for key in PROBES[scheme].expectations} <= found


@pytest.mark.parametrize("module", MODULES)
def test_its_page_has_every_fact(module: str) -> None:
    """That it records itself."""
    assert set(re.findall(r'\.fact\(\s*"(\w+)",', code(module))) <= named(page(module))


@pytest.mark.parametrize("module", MODULES)
def test_its_page_has_every_symptom(module: str) -> None:
    """That its own code names, but for those of another page's protocol."""
    others = set(MODULES) - {module}
    own = {name for name in SYMPTOMS if name.partition(".")[0] not in others}
    assert {name for name in own if f'"{name}"' in code(module)} <= named(page(module))


@pytest.mark.parametrize("module", MODULES)
def test_its_page_says_what_can_go_wrong(module: str) -> None:
    """A section for each question that its reader has."""
    headings = re.findall(r"^## (.+)$", page(module), re.MULTILINE)
    wanted = ["Keys", "What is expected", "Facts", "When it fails"]
    assert [heading for heading in headings if heading in wanted] == wanted


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_its_page_are_right(module: str, tmp_path: Path) -> None:
    """As configs, with what they take from outside; the files that they name need not be there."""
    for example in re.findall(r"```toml\n(.*?)```", page(module), re.DOTALL):
        text = re.sub(r'"(?:/etc/healthmon/)?([\w-]+\.(?:pem|crt|key))"', f'"{tmp_path}/\\1"', example)
        for name in re.findall(rf"{tmp_path}/([\w.-]+)", text):
            (tmp_path / name).write_text("x")
        variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "s3cret-value")
        if "[[services]]" not in text:
            scheme = schemes_on(module)[0]
            text = f'[[services]]\nname = "A"\nurl = "{ANY.get(scheme, f"{scheme}://127.0.0.1:1")}"\n{text}'
        assert parse(f'host = "127.0.0.1"\n{text}', environ=variables).services
