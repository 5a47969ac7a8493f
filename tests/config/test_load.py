"""From the text of a config to its services."""

import msgspec
import pytest

from healthmon.config.load import parse
from healthmon.core.expectations import Expectations, StatusRange
from healthmon.core.model import Address, Service
from healthmon.probes.http import Auth, BasicAuth, HttpOptions
from healthmon.probes.tcp import TcpOptions
from tests.config.texts import faults, one


def test_a_service_with_every_key() -> None:
    service = one("""
[[services]]
name = "Brain AI Gateway"
id = "brain"
url = "http://127.0.0.1:8001/health"
enabled = true
group = "core"
phase = 2
tags = ["a", "b"]
labels = { team = "x" }
depends_on = []
interval = 60
timeout = "1.5s"
retries = 2
failure_threshold = 5
success_threshold = 2
start_period = "90s"
expect.status = "2xx"
warn.latency = "2s"
hint = "docker logs brain"
runbook = "https://example.com/runbook"
method = "POST"
json = { question = "{host}? {x}" }
auth.basic = { username = "a", password = "b" }
follow_redirects = 3
body_limit = "64KiB"
""")

    assert service == Service(
        id="brain",
        name="Brain AI Gateway",
        url="http://127.0.0.1:8001/health",
        shown_url="http://127.0.0.1:8001/health",
        address=Address("http", "127.0.0.1", 8001, explicit=True),
        options=HttpOptions(
            method="POST",
            json={"question": "{host}? {x}"},
            auth=Auth(basic=BasicAuth(username="a", password="b")),
            follow_redirects=3,
            body_limit=service.options.body_limit,
        ),
        secrets=service.secrets,
        group="core",
        phase=2,
        tags=("a", "b"),
        labels={"team": "x"},
        interval=60.0,
        timeout=1.5,
        retries=2,
        failure_threshold=5,
        success_threshold=2,
        start_period=90.0,
        expect=Expectations(status=(StatusRange(200, 299),)),
        warn=Expectations(latency=2.0),
        hint="docker logs brain",
        runbook="https://example.com/runbook",
        by_hand="curl -v -m 1.5 -u 'a:***' -H 'Content-Type: application/json' "
        """--data-raw '{"question": "{host}? {x}"}' http://127.0.0.1:8001/health""",
    )
    assert service.options.body_limit == 65536


def test_a_service_is_plain_data() -> None:
    """Whoever writes it as JSON must not meet the config's own types."""
    service = one('[[services]]\nname = "A"\ngroup = "g"\ntags = ["t"]\nexpect.latency = 1\nurl = "tcp://127.0.0.1:1"')

    assert msgspec.json.encode(msgspec.structs.replace(service, options=None, secrets=frozenset()))
    values = [service.id, service.name, service.group, service.tags[0], service.interval, service.expect.latency]
    assert [str, str, str, str, float, float] == [type(value) for value in values]


def test_what_is_not_written_has_the_documented_values() -> None:
    service = one('[[services]]\nname = "Data base"\nurl = "tcp://127.0.0.1:5432"')

    assert ("data-base", TcpOptions(), Expectations()) == (service.id, service.options, service.expect)
    assert (
        service.interval,
        service.timeout,
        service.retries,
        service.failure_threshold,
        service.success_threshold,
        service.start_period,
    ) == (30.0, 10.0, 0, 3, 1, 0.0)


@pytest.mark.parametrize(
    ("name", "id_"),
    [("Brain AI Gateway", "brain-ai-gateway"), ("Saleor (E-commerce)", "saleor-e-commerce"), ("Café_2", "café-2")],
)
def test_an_id_is_made_from_the_name(name: str, id_: str) -> None:
    assert id_ == one(f'[[services]]\nname = "{name}"\nurl = "tcp://127.0.0.1:1"').id


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("HTTP://web.example.com/", Address("http", "web.example.com", 80, explicit=False)),
        ("https://web.example.com", Address("https", "web.example.com", 443, explicit=False)),
        ("http://[::1]:8000/", Address("http", "::1", 8000, explicit=True)),
        ("tls://web.example.com", Address("tls", "web.example.com", 443, explicit=False)),
        ("tcp://web.example.com:25/", Address("tcp", "web.example.com", 25, explicit=True)),
    ],
)
def test_the_url_says_where_the_service_is(url: str, address: Address) -> None:
    assert address == one(f'[[services]]\nname = "A"\nurl = "{url}"').address


def test_services_may_need_each_other_in_a_diamond_and_a_long_chain() -> None:
    names = [f"s{number}" for number in range(3000)]
    chain = [
        f'[[services]]\nname = "{name}"\nurl = "tcp://127.0.0.1:1"\ndepends_on = {names[index + 1 : index + 3]}\n'
        for index, name in enumerate(names)
    ]

    assert len(parse("".join(chain)).services) == 3000


def test_each_cycle_is_told() -> None:
    text = "".join(
        f'[[services]]\nname = "{name}"\nurl = "tcp://127.0.0.1:1"\ndepends_on = {needs}\n'
        for name, needs in {"a": ["b"], "b": ["c", "a"], "c": ["b"], "d": ["a"]}.items()
    )

    assert [fault.rpartition(": ")[2] for fault in faults(text)] == ["a → b → a", "b → c → b"]


def test_what_makes_a_table_unreadable_hides_no_other_fault() -> None:
    text = '[[services]]\nname = 3\nurl = 4\nexpect = 5\nwarn.json = 6\ndepends_on = "x"\n'
    assert [line.split(":")[0] for line in faults(text)] == ["2", "3", "4", "5", "6"]


def test_a_list_of_dependencies_may_hold_what_is_none() -> None:
    text = '[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\ndepends_on = [3]\n'
    assert faults(text) == ['4: depends_on[0]: expected an id of letters, digits, "-", "_" and "."; got 3']


def test_a_probe_may_set_limits_that_only_the_whole_table_breaks() -> None:
    """The type of the table is the last word, also where the list of faults knows no reason."""
    assert faults('[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\nresolve = "192.0.2.1"\nip = "6"\n') == [
        '4: `resolve` is an IPv4 address, which `ip = "6"` forbids'
    ]


def test_a_syntax_fault_without_a_place_is_at_the_last_line() -> None:
    assert faults('a = 1\nb = """x') == ["2: not valid TOML: unterminated string at the end of the file, near `b`"]


@pytest.mark.parametrize("key", ["name", "group", "tags", "labels.x", "hint", "runbook", "id"])
@pytest.mark.parametrize(
    "char", ["\\u009b31m", "\\u001b[31m", "\\u202e", "\\u2066", "\\u200f", "\\u061c", "\\n", "\\u2028"]
)
def test_what_reports_show_can_neither_move_the_cursor_nor_turn_the_text(key: str, char: str) -> None:
    value = f'["a{char}b"]' if key == "tags" else f'"a{char}b"'
    name = "" if key == "name" else 'name = "A"\n'
    (fault,) = faults(f'[[services]]\n{name}url = "tcp://127.0.0.1:1"\n{key} = {value}\n')

    assert f"{key}" in fault
    assert fault.isprintable()


def test_a_label_has_a_name_that_can_be_shown() -> None:
    service = '[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n'

    assert faults(service + 'labels = { "a\\u009bb" = "x" }') == [
        '4: labels: expected names that are text on one line, not empty; got "a\\x9bb"'
    ]
    assert one(service + 'labels = { "a b" = "", c = "x" }\nhint = ""').labels == {"a b": "", "c": "x"}


NO_HOSTS = [
    "x\\\\y",
    "noname..example",
    "%zz",
    "exa mple",
    "a\\u0000b",
    "-a",
    "a" * 64,
    "é" * 60,
    ".",
    "1.2.3",
    "a\\tb",
]


@pytest.mark.parametrize("host", NO_HOSTS)
@pytest.mark.parametrize("key", ["url", "proxy", "tls.server_name"])
def test_what_can_be_no_host_is_refused(key: str, host: str) -> None:
    """Nothing could resolve it, or even take it as an argument."""
    value = host if key == "tls.server_name" else f"http://{host}:3128"
    url = "" if key == "url" else 'url = "https://web/"\n'
    (fault,) = faults(f'[[services]]\nname = "A"\n{url}{key} = "{value}"\n')

    assert fault.startswith(("3:", "4:"))
    assert key in fault


@pytest.mark.parametrize("host", ["web", "web.example.com.", "grün.example.com", "a_b", "192.0.2.1"])
@pytest.mark.parametrize("key", ["url", "proxy", "tls.server_name"])
def test_what_can_be_a_host_is_taken(key: str, host: str) -> None:
    value = host if key == "tls.server_name" else f"https://{host}:3128"
    url = "" if key == "url" else 'url = "https://web/"\n'

    assert one(f'[[services]]\nname = "A"\n{url}{key} = "{value}"\n').enabled


@pytest.mark.parametrize("key", ["proxy", "tls.server_name"])
def test_a_host_that_a_disabled_service_lacks_is_no_fault(key: str) -> None:
    found = one(f'[[services]]\nname = "A"\nurl = "https://web/"\nenabled = false\n{key} = "${{UNSET}}"\n')

    assert (found.options.proxy, found.options.tls.server_name) == (None, None)


@pytest.mark.parametrize(
    "keys",
    [
        'headers.X = "${V}"',
        'auth.bearer = "${V}"',
        'auth.basic = { username = "u", password = "${V:-x}" }',
        'body = "${V}"',
        'json = { a = ["${V}"] }',
        'form.a = "${V}"',
        'params.a = "${V}"',
        'proxy = "http://u:${V}@web:1"',
        'expect.body.contains = "${V}"',
        'hint = "${V}"',
    ],
)
def test_a_variable_that_is_not_text_is_a_fault(keys: str) -> None:
    (fault,) = faults(f'[[services]]\nname = "A"\nurl = "http://web/"\n{keys}\n', V="a\udcff")

    assert "the environment variable V is not UTF-8 text" in fault


def test_a_rollout_is_no_config() -> None:
    """Which is said instead of each key that it has and a config has not."""
    assert faults('skip = ["a"]\n[[phase]]\nname = "a"\nphase = 1\ndeploy = "up"\n') == [
        "2: this is the file of a rollout; check it with `healthmon rollout services.toml --dry-run`"
    ]
