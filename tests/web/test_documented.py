"""docs/http.md says what the code does."""

import json
import re
from pathlib import Path

from healthmon.config.load import parse
from healthmon.core.document import watched_document
from healthmon.core.model import Level, Reason, Verdict
from healthmon.core.state import State, Watched
from healthmon.web import conversation
from healthmon.web.application import build
from healthmon.web.index import LINKS
from healthmon.web.limits import Limits
from tests.make import result, service
from tests.web.fake import FakeDaemon, FakeMetrics, probe

PAGE = (Path(__file__).parents[2] / "docs/http.md").read_text(encoding="utf-8")


async def test_every_route_is_documented() -> None:
    """With its method; and the index lists all others."""
    application = build(
        FakeDaemon(), FakeMetrics(), probe, None, version="1", config="services.toml", fault=lambda _: None
    )
    routes = [
        (route.method, route.resource.canonical)
        for route in application.router.routes()
        if route.resource is not None and route.method != "HEAD"
    ]
    assert re.findall(r"^\| `([A-Z]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE) == routes
    assert [path for path, _ in LINKS] == [path for _, path in routes if path != "/"]


def test_the_example_has_the_documents_keys() -> None:
    """All of them, in their order."""
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    reasons = (Reason("status", "200, 302", "503", Level.EXPECT),)
    last = result(verdict=Verdict.DOWN, reasons=reasons)
    real = watched_document(Watched(service=service(), state=State(), result=last))
    shown = json.loads(example)
    assert list(shown) == list(real)
    assert list(shown["state"]) == list(real["state"])
    assert list(shown["last_result"]) == list(real["last_result"])
    assert list(shown["last_result"]["timings"]) == list(real["last_result"]["timings"])
    assert list(shown["last_result"]["reasons"][0]) == list(reasons[0].__struct_fields__)
    assert re.findall(r"^\| `(\w+)` \| (?!`/)", PAGE, re.MULTILINE) == list(real["state"])


def test_the_bounds_are_the_codes() -> None:
    """By default."""
    limits = Limits()
    cells = dict(re.findall(r"^\| ([a-z][^|]*) \| (\d+)", PAGE.partition("\n## Bounds\n")[2], re.MULTILINE))
    assert list(map(float, cells.values())) == [
        limits.connections,
        limits.idle,
        limits.handshake,
        limits.body_size,
        conversation._LONGEST_LINE,
        conversation._MOST_HEADERS,
        limits.write,
    ]
    assert f"(without a request yet: for {limits.silence:g} s)" in PAGE
    assert f"{limits.body_size} bytes, {limits.body:g} s" in PAGE


def test_the_example_config_is_read(tmp_path: Path) -> None:
    """As it stands, with files that are there."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    for name in ("password", "token"):
        (tmp_path / name).write_text("s3cret", encoding="utf-8")
    for name in ("cert.pem", "key.pem", "clients.pem"):
        (tmp_path / name).touch()
    services = '[[services]]\nname = "a"\nurl = "http://127.0.0.1/"\n'
    text = example.replace("/etc/healthmon", str(tmp_path)) + services
    config = parse(text, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert config.daemon.access is not None
    assert (config.daemon.access.username, config.daemon.access.bearer) == ("prometheus", "s3cret")
    assert config.daemon.tls is not None
    assert config.daemon.listen == ("0.0.0.0", 9877)
