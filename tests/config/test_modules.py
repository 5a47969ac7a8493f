"""What `[modules.NAME]` says."""

from pathlib import Path

import pytest

from healthmon.config.load import load, parse
from healthmon.config.schema import Config, Module
from healthmon.config.toml import dump
from healthmon.core.allow import Allow
from healthmon.core.expectations import Expectations, StatusRange
from healthmon.net.reach import ReachOptions
from healthmon.probes import PROBES
from healthmon.probes.http import HttpOptions
from healthmon.probes.icmp import IcmpOptions
from healthmon.probes.tcp import TcpOptions
from tests.config.texts import faults

SERVICE = '[[services]]\nname = "Web"\nurl = "http://127.0.0.1:8000/"\n'
TWO_HUNDREDS = Expectations(status=(StatusRange(200, 299),))
USUAL = Expectations(status=(StatusRange(200, 200), StatusRange(302, 302)))


def _parse(text: str, **environ: str) -> Config:
    return parse(SERVICE + text, environ=environ)


def _module(text: str, **environ: str) -> Module:
    return _parse(f"[modules.m]\n{text}", **environ).modules["m"]


def test_three_are_built_in_and_allow_nothing() -> None:
    modules = parse(SERVICE).modules

    assert list(modules) == ["http_2xx", "tcp_connect", "icmp"]
    assert {Allow()} == {module.allow for module in modules.values()}
    assert [module.probe for module in modules.values()] == ["http", "tcp", "icmp"]
    assert [HttpOptions(follow_redirects=True), TcpOptions(), IcmpOptions(count=1)] == [
        module.template.options for module in modules.values()
    ]
    assert [TWO_HUNDREDS, Expectations(), Expectations()] == [module.template.expect for module in modules.values()]


def test_a_config_can_say_what_a_built_in_one_allows() -> None:
    before = parse(SERVICE).modules["http_2xx"]

    after = _parse('[modules.http_2xx]\nallow = ["http://*.example.com/*", "10.0.0.0/8", "::1"]\n').modules["http_2xx"]

    assert Allow(urls=("http://*.example.com/*",), networks=("10.0.0.0/8", "::1")) == after.allow
    assert before.template == after.template


def test_a_built_in_one_can_be_changed_key_by_key() -> None:
    modules = _parse(
        '[modules.http_2xx]\nfollow_redirects = 2\nexpect.latency = "1s"\n[modules.tcp_connect]\nip = "6"\n'
    ).modules

    http, tcp, _ = (module.template for module in modules.values())
    assert (2, Expectations(status=TWO_HUNDREDS.status, latency=1.0)) == (http.options.follow_redirects, http.expect)
    assert tcp.options == TcpOptions(ip="6")


def test_a_built_in_one_can_get_another_probe() -> None:
    module = _parse('[modules.http_2xx]\nprobe = "tcp"\n').modules["http_2xx"]

    assert ("tcp", TcpOptions(), Expectations()) == (module.probe, module.template.options, module.template.expect)


def test_false_removes_what_a_built_in_one_has() -> None:
    module = _parse("[modules.http_2xx]\nexpect.status = false\nfollow_redirects = false\n").modules["http_2xx"]

    assert (module.template.options.follow_redirects, module.template.expect) == (False, USUAL)


def test_a_module_has_the_keys_of_a_service() -> None:
    module = _module(
        'timeout = "3s"\nretries = 1\nmethod = "POST"\nbody = "x"\nexpect.body.contains = "y"\nwarn.latency = "1s"\n'
    )

    template = module.template
    assert (
        template.timeout,
        template.retries,
        template.options.method,
        template.options.body,
    ) == (3.0, 1, "POST", "x")
    assert template.expect.status == USUAL.status
    assert (template.need_body, template.warn.latency) == (True, 1.0)
    assert ("m", "http", Allow()) == (module.name, module.probe, module.allow)


@pytest.mark.parametrize("probe", ["http", "https", "tcp", "tls"])
def test_each_probe_can_be_used(probe: str) -> None:
    module = _module('probe = "${P}"\nresolve = "192.0.2.1"\n', P=probe)

    assert module.probe == probe == module.template.address.scheme
    assert isinstance(module.template.options, ReachOptions)
    assert module.template.options.resolve == "192.0.2.1"


def test_defaults_reach_modules_as_they_reach_services_of_that_scheme() -> None:
    text = """[defaults]
timeout = "2s"
interval = "5s"
method = "HEAD"
expect.status = 204
expect.certificate = "14d"
[modules.m]
[modules.secure]
probe = "https"
timeout = "4s"
expect.status = false
"""
    modules = _parse(text).modules

    http, secure, tcp = (modules[name].template for name in ("m", "secure", "tcp_connect"))
    no_content = (StatusRange(204, 204),)
    assert (2.0, "HEAD", Expectations(status=no_content)) == (http.timeout, http.options.method, http.expect)
    assert (4.0, Expectations(status=USUAL.status, certificate=14 * 86400.0)) == (secure.timeout, secure.expect)
    assert (tcp.timeout, tcp.interval) == (2.0, 30.0)
    assert modules["http_2xx"].template.expect == TWO_HUNDREDS


def test_a_fault_of_a_default_is_told_once_where_it_stands() -> None:
    found = faults(SERVICE + '[defaults]\ntimeout = "x"\n[modules.m]\nexpect.status = 1\n')

    assert [" ".join(fault.split()[:5]) for fault in found] == [
        "5: timeout: expected a duration",
        "7: modules.m.expect.status: expected a status",
    ]


def test_a_default_that_does_not_go_with_a_module_is_told_where_it_stands() -> None:
    text = (
        SERVICE.replace("http://127.0.0.1:8000/", "tcp://127.0.0.1:1")
        + '[defaults]\nbody = "x"\n[modules.m]\nform = { a = "b" }\n'
    )

    assert faults(text) == ["5: only one of `body`, `json` and `form` can be sent"]


def test_secrets_of_a_module_are_known(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0ken\n")
    path = tmp_path / "services.toml"
    path.write_text(
        f'{SERVICE}[modules.a]\nauth.bearer = "${{file:token}}"\nproxy = "http://u:s3same@127.0.0.1:3128"\n'
        '[modules.b]\nauth.basic = { username = "u", password = "pass word" }\n'
    )

    modules = load(path, environ={}).modules

    assert modules["a"].template.options.auth.bearer == "t0ken"
    assert {"t0ken", "s3same"} <= modules["a"].template.secrets
    assert {"pass word", "dTpwYXNzIHdvcmQ="} == modules["b"].template.secrets


@pytest.mark.parametrize(
    "key",
    ["id", "name", "url", "enabled", "depends_on", "group", "phase", "tags", "labels", "interval", "failure_threshold",
     "success_threshold", "start_period", "hint", "runbook"],
)  # fmt: skip
def test_what_makes_no_sense_in_a_module_is_refused(key: str) -> None:
    (fault,) = faults(f"{SERVICE}[modules.m]\n{key} = 1\n")

    assert fault.startswith(f"5: modules.m: {key} is for services")


def test_expect_of_another_type_is_one_fault() -> None:
    assert faults(f"{SERVICE}[modules.m]\nexpect = 200\n") == ["5: modules.m.expect: expected a table; got 200"]


def test_an_unknown_probe_hides_no_other_fault() -> None:
    assert [
        fault.partition(";")[0] for fault in faults(f'{SERVICE}[modules.m]\nprobe = "x"\ntimeot = 1\nmethod = "GET"\n')
    ] == [
        f"5: modules.m.probe: expected one of {', '.join(map(dump, sorted(PROBES)))}",
        '6: modules.m: unknown key "timeot"',
    ]
