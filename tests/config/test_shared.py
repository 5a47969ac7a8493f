"""What services have in common is there once."""

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from healthmon.config import load as loading
from healthmon.config.load import load, parse
from healthmon.config.loader import Loader
from healthmon.config.shared import Shared
from healthmon.core.units import FilePath, Size
from healthmon.net.tls.settings import TlsSettings
from healthmon.probes.http import HttpOptions


def test_services_that_say_the_same_share_it() -> None:
    service = """[[services]]
name = "{}"
url = "http://127.0.0.1:8000/{}"
group = "core"
tags = ["a", "b"]
depends_on = ["x"]
labels = {{ team = "shop" }}
interval = "17s"
hint = "look at the log"
runbook = "https://example.com/runbook"
headers = {{ Authorization = "Bearer s3same" }}
expect.json = {{ status = "ok" }}
"""
    text = service.format("A", "a") + service.format("B", "b") + '[[services]]\nname = "X"\nurl = "tcp://127.0.0.1:1"\n'

    first, second, other = parse(text).services

    for key in ("address", "options", "secrets", "group", "tags", "depends_on", "labels", "interval", "timeout", "hint",
                "runbook", "expect", "warn"):  # fmt: skip
        assert getattr(first, key) is getattr(second, key), key
    assert first.warn is other.warn
    assert first.url is first.shown_url
    assert (first.url, second.url) == ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HttpOptions(follow_redirects=True), HttpOptions(follow_redirects=1)),
        (HttpOptions(json={"a": 1}), HttpOptions(json={"a": 1.0})),
        (HttpOptions(json={"a": 1}), HttpOptions(json={"a": True})),
        (HttpOptions(json=None), HttpOptions(json="null")),
        (HttpOptions(body_limit=Size(1)), HttpOptions(body_limit=Size(2))),
        (TlsSettings(ca=FilePath("/a")), TlsSettings(cert=FilePath("/a"))),
    ],
)
def test_what_differs_stays_apart(one: Any, other: Any) -> None:
    shared = Shared()

    assert shared.frozen(one) is one
    assert shared.frozen(other) is other


@pytest.mark.parametrize("value", [10**30, eval("[" * 50 + "]" * 50)])
def test_whatever_is_sent_as_json_can_be_read(value: Any) -> None:
    shared = Shared()
    options = HttpOptions(json=value)

    assert options == shared.frozen(options)
    assert value == shared.frozen(HttpOptions(json=value)).json


def test_nothing_that_was_needed_to_read_a_config_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no collector is needed to get rid of it."""
    path = tmp_path / "services.toml"
    path.write_text('[modules.a]\n[[services]]\nname = "A"\nurl = "http://127.0.0.1/"\n')
    left: list[weakref.ref[Any]] = []

    class Watched(Loader):
        def __init__(self, *args: Any, **keys: Any) -> None:
            super().__init__(*args, **keys)
            left.extend(map(weakref.ref, (self, *self.drafts, self.sections.daemon)))

    monkeypatch.setattr(loading, "Loader", Watched)
    gc.disable()
    try:
        config = load(path, environ={})
        assert [ref() for ref in left] == [None] * 3
    finally:
        gc.enable()
    assert config.services[0].id == "a"
