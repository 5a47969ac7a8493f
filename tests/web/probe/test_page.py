"""The page for those who come from blackbox_exporter is true."""

import re
from pathlib import Path

import pytest

from healthmon.config.load import parse
from healthmon.config.module import service_for
from healthmon.web.probe import certificates, common, dns, grpc, http, icmp, ws
from healthmon.web.probe.contract import Gauge

PAGE = (Path(__file__).parents[3] / "docs" / "from-blackbox.md").read_text(encoding="utf-8")


def test_its_config_is_read() -> None:
    """As it stands, and it allows what its scrape config asks for."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    modules = parse(example, environ={"API_TOKEN": "s3cret"}).modules
    (before,) = re.findall(r"```yaml\nmodules:\n(.*?)```", PAGE, re.DOTALL)
    assert set(modules) == set(re.findall(r"^  (\w+):$", before, re.MULTILINE))
    (targets,) = re.findall(r"- targets: \[(.*)\]", PAGE)
    for target in re.findall(r'"(.*?)"', targets):
        assert modules["http_2xx"].allow.admits_url(service_for(modules["http_2xx"], target).url)
    smtps = service_for(modules["smtps"], "mail.example.com:465")
    assert smtps.address.scheme == "tls"
    assert modules["smtps"].allow.admits_url(smtps.url)
    assert modules["api"].template.timeout == 5
    assert "s3cret" in modules["api"].template.secrets


def test_its_table_of_metrics_is_complete() -> None:
    section = PAGE.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(probe_\w+)`", section, re.MULTILINE)
    known = [value for module in (common, http, certificates, dns, grpc, icmp, ws) for value in vars(module).values()]
    assert documented == [family.name for family in known if isinstance(family, Gauge)]


@pytest.mark.parametrize("key", re.findall(r"`((?:auth|tls|expect)\.[a-z_.]+)", PAGE))
def test_its_keys_exist(key: str) -> None:
    """Those that have more than one part are in the page of the config or of a probe, by their whole names."""
    docs = Path(__file__).parents[3] / "docs"
    config = "".join(path.read_text("utf-8") for path in [docs / "config.md", *sorted(docs.glob("probes/*.md"))])
    top, _, rest = key.partition(".")
    assert f"`{key}`" in config or (top == "expect" and f"`{rest.partition('.')[0]}`" in config)
