"""Expectations from the command line: how they are written, whom they are for, what they do to those of the file."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.config.added import Added
from healthmon.config.load import parse
from healthmon.config.schema import Config
from healthmon.core.expectations import Comparison, Operator, Selected, StatusRange
from healthmon.core.model import Service
from healthmon.errors import ConfigError, UsageError

BRAIN = """
[[services]]
id = "brain"
name = "Brain"
url = "http://127.0.0.1:8001/health"
"""
DATABASE = """
[[services]]
id = "postgres"
name = "PostgreSQL"
url = "postgres://u@127.0.0.1:5432/d"
"""


def config(text: str, *expect: str) -> Config:
    """A config with expectations beside its own."""
    return parse(text, expect=[Added.parse(one) for one in expect])


def brain(own: str, *expect: str) -> Service:
    """One service with expectations beside its own."""
    (service,) = config(f"{BRAIN}{own}\n", *expect).services
    return service


def equal(selector: str, value: Any) -> Selected:
    """The demand that a value is equal to another."""
    return Selected(selector, (Comparison(Operator.EQ, value),))


def refusal(text: str, *expect: str) -> str:
    """What is said of expectations that cannot be."""
    with pytest.raises(UsageError) as raised:
        config(text, *expect)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "target", "value"),
    [
        ("brain.status=200", "brain.status", "200"),
        ("brain.status:=200", "brain.status", 200),
        ("brain.status:=[200,204]", "brain.status", [200, 204]),
        ("brain.json.version=1.4.2", "brain.json.version", "1.4.2"),
        ("brain.json.version = 1.4.2", "brain.json.version", " 1.4.2"),
        ("brain.json.x=", "brain.json.x", ""),
        ("brain.json.x=a=b:=c", "brain.json.x", "a=b:=c"),
        ('brain.json.x:="a=b"', "brain.json.x", "a=b"),
        ("brain.body.contains=it's [so", "brain.body.contains", "it's [so"),
        ("brain.json.length(checks[?state!='ok']):=0", "brain.json.length(checks[?state!='ok'])", 0),
        ('brain.json.a[?b==`"="`]|[0]=x', 'brain.json.a[?b==`"="`]|[0]', "x"),
        ("brain.json.a[?b=='it\\'s ] =']=x", "brain.json.a[?b=='it\\'s ] =']", "x"),
        ('brain.json."a=b"=x', 'brain.json."a=b"', "x"),
        ("brain.json.(a == 'b'):=true", "brain.json.(a == 'b')", True),
        ('brain.json.{a: b, c: d}:={"eq": {"a": 1}}', "brain.json.{a: b, c: d}", {"eq": {"a": 1}}),
        ("b].json=x", "b].json", "x"),
        ("brain.json.x=${HOME}", "brain.json.x", "${HOME}"),
        ("brain.json.x=zwei\nZeilen", "brain.json.x", "zwei\nZeilen"),
    ],
)
def test_the_separator_is_the_first_one_outside_of_brackets_and_quotes(text: str, target: str, value: Any) -> None:
    assert Added.parse(text) == Added(text, target, value)


_FORM = "expected ID.KEY=TEXT or ID.KEY:=JSON, such as brain.json.version=1.4.2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", _FORM),
        ("brain.status", _FORM),
        ("brain=200", _FORM),
        ("=200", _FORM),
        (".status=200", _FORM),
        ("brain.=200", _FORM),
        ("brain.json.=200", _FORM),
        ("brain.json.a[=1", f"a bracket is not closed; {_FORM}"),
        ("brain.json.a[0", _FORM),
        ("brain.json.a['=1", f"the quote ' is not closed; {_FORM}"),
        (
            "brain.json.version:=1.4.2",
            "what follows := is not JSON; to compare with a text, write brain.json.version=1.4.2",
        ),
        ("brain.json.a:=NaN", "what follows := is not JSON; to compare with a text, write brain.json.a=NaN"),
        ("brain.json.a:=1e999", "what follows := is not JSON; to compare with a text, write brain.json.a=1e999"),
        ("brain.json.a:=", "what follows := is not JSON; to compare with a text, write brain.json.a="),
        ("brain.json.a:=9223372036854775808", "a whole number is from -2^63 to 2^63-1"),
        ("brain.json.a:=" + "[" * 101 + "]" * 101, "more than 100 tables or lists stand in each other"),
        ("brain.json.a:=" + "[" * 9999 + "]" * 9999, "lists or tables are nested too deep"),
        ("brain.json.a=\udcff", "it is not UTF-8 text"),
        *(
            (
                f"brain.json.a:={value}",
                'null is no value that can be expected; to expect that there is none, write := {"exists": false}',
            )
            for value in ("null", "[1, null]", '{"eq": null}', '{"one_of": [{"a": null}]}')
        ),
    ],
)
def test_what_is_no_expectation_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Added.parse(text)


_WORDS = st.text(st.sampled_from("abc1 _-.!*?@|&<>:,"), max_size=6)
_QUOTED = st.sampled_from(["'", '"', "`"]).flatmap(
    lambda quote: st.text(st.sampled_from("a=:[](){}'\"`".replace(quote, ""))).map(lambda text: f"{quote}{text}{quote}")
)
_PIECES = st.recursive(
    _WORDS | _QUOTED,
    lambda inner: st.builds(
        lambda brackets, parts, sign: f"{brackets[0]}{sign.join(parts)}{brackets[1]}",
        st.sampled_from(["[]", "()", "{}"]),
        st.lists(inner, max_size=3),
        st.sampled_from(["", "=", ":=", "=="]),
    ),
    max_leaves=6,
)
_KEYS = st.lists(_PIECES, min_size=1, max_size=4).map("".join)


@given(_KEYS, st.text().filter(lambda text: not text.startswith("=")), st.sampled_from(["=", ":="]))
def test_any_key_in_which_brackets_and_quotes_are_closed_comes_through(key: str, value: str, sign: str) -> None:
    key = f"brain.json.{key}x"
    typed = json.dumps(value) if sign == ":=" else value
    found = Added.parse(f"{key}{sign}{typed}")
    assert (found.target, found.value) == (key.strip(), value)


@given(st.text(st.sampled_from("ab.=:[](){}'\"`\\ 0\n")) | st.text())
def test_any_text_is_an_expectation_or_is_refused(text: str) -> None:
    try:
        found = Added.parse(text)
    except ValueError:
        return
    assert text.startswith(found.target, len(text) - len(text.lstrip()))


@pytest.mark.parametrize(
    ("target", "ids", "key"),
    [
        ("brain.json.a", ("brain",), "json.a"),
        ("brain.v2.json.a", ("brain.v2",), "json.a"),
        ("brain.json.a.b", ("brain",), "json.a.b"),
        ("b*.json.a", ("brain", "brain.v2"), "json.a"),
        ("[ab]rain.status", ("brain",), "status"),
        ("brain.json.items[*].state", ("brain",), "json.items[*].state"),
        ("brian.json.a", (), "brian.json.a"),
        ("*x.json.a", (), "*x.json.a"),
        ("brain", (), "brain"),
    ],
)
def test_the_longest_id_that_is_known_counts_and_a_glob_is_for_many(
    target: str, ids: tuple[str, ...], key: str
) -> None:
    assert Added("", target, "").split(dict.fromkeys(["brain", "brain.v2", "auth"])) == (ids, key)


def test_a_glob_may_be_longer_than_an_id() -> None:
    assert Added("", "brain.*.status", "").split(["brain", "brain.v2"]) == (("brain.v2",), "status")


def test_what_is_expected_comes_beside_what_the_file_expects() -> None:
    own = 'expect.json = { status = "healthy", version = "1" }\nexpect.status = 204\nexpect.body.contains = "a"'
    expect = brain(own, "brain.json.version=1.4.2", 'brain.json.a.b:={"ge": 1}', "brain.body.matches=b").expect
    assert expect.json == (
        equal("status", "healthy"),
        equal("version", "1.4.2"),
        Selected("a.b", (Comparison(Operator.GE, 1),)),
    )
    assert expect.status == (StatusRange(204, 204),)
    assert [test.text for test in expect.body] == ["a", "b"]


def test_it_takes_the_place_of_what_the_file_says_at_the_same_key() -> None:
    own = 'expect.status = 204\nexpect.latency = "5s"\nexpect.json = { n = { le = 5 } }\nexpect.body.contains = ["a"]'
    expect = brain(
        own, 'brain.status:=[200,"3xx"]', "brain.latency=2s", 'brain.json.n:={"ge":1}', "brain.body.contains=b"
    ).expect
    assert expect.status == (StatusRange(200, 200), StatusRange(300, 399))
    assert expect.latency == 2.0
    assert expect.json == (Selected("n", (Comparison(Operator.GE, 1),)),)
    assert [test.text for test in expect.body] == ["b"]


def test_the_name_of_a_header_is_the_same_in_any_case_of_letters() -> None:
    expect = brain('expect.header = { Content-Type = "a", X-A = "1" }', "brain.header.content-type=application/json")
    assert expect.expect.header == (equal("X-A", "1"), equal("content-type", "application/json"))


def test_a_whole_table_merges_key_by_key() -> None:
    """With that of the file, and with others that are typed: what the file expects is never expected less."""
    own = "expect.json = { a = 1, b = 1 }"
    assert brain(own, 'brain.json:={"b": 2, "c": 2}', 'brain.json:={"d.e": 3}', "brain.json.f:=4").expect.json == (
        equal("a", 1),
        equal("b", 2),
        equal("c", 2),
        equal("d.e", 3),
        equal("f", 4),
    )
    service = brain('expect.body = { contains = "a", matches = "b" }', 'brain.body:={"contains": "c"}')
    assert [test.text for test in service.expect.body] == ["c", "b"]


@pytest.mark.parametrize("key", ["json", "header", "body", "json.a", "status", "zzz"])
def test_an_empty_table_expects_nothing(key: str) -> None:
    """It would take away what the file expects."""
    with pytest.raises(ValueError, match=r'^an empty table expects nothing; to compare with one, write := {"eq": {}}$'):
        Added.parse(f"brain.{key}:={{ }}")


@pytest.mark.parametrize("glob_first", [True, False])
@pytest.mark.parametrize("table", [True, False])
def test_what_is_typed_for_an_id_beats_what_is_typed_for_many(*, glob_first: bool, table: bool) -> None:
    """Whichever comes first, and in which form."""
    many = BRAIN + BRAIN.replace("rain", "ranch").replace("B", "C")
    exact, glob = 'brain.json:={"version": "9"}' if table else "brain.json.version=9", "*.json.version=1.4.1"
    found = config(many, *([glob, exact] if glob_first else [exact, glob]))
    assert [service.expect.json for service in found.services] == [
        (equal("version", "9"),),
        (equal("version", "1.4.1"),),
    ]
    assert found.expected == {exact: ("brain",), glob: ("brain", "branch")}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("brain.status=200", "brain.status :=302"),
        ("brain.json.n=9", 'brain.json:={"m": 1, "n": 3}'),
        ('brain.json:={"n":3}', "brain.json.n=9"),
        ('brain.json:={"n":3}', 'brain.json:={"n":4}'),
        ("brain.header.X-A=9", 'brain.header.x-a:={"contains": "8"}'),
        ("brain.header.X-A=9", 'brain.header:={"x-A": "9"}'),
        ('brain.json.n:={"ge": 1}', 'brain.json.n:={"le": 5}'),
        ("*.status=200", "b*.status=204"),
        ("brain.status=200", "brain.status=200"),
        ('brain.header:={"X-A": "9", "x-a": "8"}', 'brain.header:={"X-A": "9", "x-a": "8"}'),
    ],
)
def test_what_is_the_same_by_another_spelling_is_a_fault(first: str, second: str) -> None:
    """The later one would silently take the place of the earlier."""
    expect = [first, second] if first != second or "header" not in first else [first]
    assert refusal(BRAIN, *expect) == f"--expect {second}: the same is expected twice; the other one is {first}"


def test_what_is_expected_twice_of_many_is_told_once() -> None:
    many = BRAIN + BRAIN.replace("rain", "ranch").replace("B", "C")
    assert refusal(many, "*.status=200", "*.status=204") == (
        "--expect *.status=204: the same is expected twice; the other one is *.status=200"
    )


def test_text_is_text_and_json_has_types() -> None:
    expect = brain("", "brain.json.a=1", "brain.json.b:=1", "brain.json.c:=false", 'brain.json.d:="1"').expect
    assert expect.json == (equal("a", "1"), equal("b", 1), equal("c", False), equal("d", "1"))


def test_a_placeholder_is_not_replaced() -> None:
    assert brain("", "brain.json.a=${HOME} $${x}").expect.json == (equal("a", "${HOME} $${x}"),)


def test_what_others_share_by_default_is_not_changed() -> None:
    text = f'[defaults]\nexpect.json = {{ status = "ok" }}\n{BRAIN}{BRAIN.replace("rain", "ranch").replace("B", "C")}'
    first, second = config(text, "brain.json.status=fine").services
    assert first.expect.json == (equal("status", "fine"),)
    assert second.expect.json == (equal("status", "ok"),)


def test_what_a_probe_adds_can_be_expected() -> None:
    (service,) = config(DATABASE, "postgres.rows:=1", "postgres.role=primary").services
    assert service.expect.values == (equal("role", "primary"), equal("rows", 1))


def test_a_glob_passes_by_those_whose_scheme_does_not_know_the_key() -> None:
    found = config(BRAIN + DATABASE, "*.status=204", "*.latency=2s", "*s.rows:=1")
    first, second = found.services
    assert (first.expect.status, first.expect.latency) == ((StatusRange(204, 204),), 2.0)
    assert (second.expect.latency, second.expect.values) == (2.0, (equal("rows", 1),))
    assert found.expected == {
        "*.status=204": ("brain",),
        "*.latency=2s": ("brain", "postgres"),
        "*s.rows:=1": ("postgres",),
    }


def test_ids_are_those_that_the_loader_makes() -> None:
    """From names, with placeholders, and from the defaults."""
    text = '[[services]]\nname = "${TEAM} API"\nurl = "http://127.0.0.1:1/"\n[defaults]\nid = "x-${TEAM}"'
    assert parse(text, environ={"TEAM": "a"}, expect=[Added.parse("x-a.status=200")]).expected == {
        "x-a.status=200": ("x-a",)
    }
    text = text.partition("[defaults]")[0]
    assert parse(text, environ={"TEAM": "a"}, expect=[Added.parse("a-api.status=200")]).expected == {
        "a-api.status=200": ("a-api",)
    }


def test_nothing_is_noted_where_nothing_is_expected() -> None:
    assert config(BRAIN).expected == {}


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("brian.status=200", 'there is no service brian; did you mean "brain"?'),
        ("zzz*.status=200", "there is no service zzz*"),
        (
            "brain.status=abc",
            'expect.status: expected a status such as 200, "2xx", "200-299", or a list of these; got "abc"',
        ),
        (
            "brain.status:=false",
            'expect.status: expected a status such as 200, "2xx", "200-299", or a list of these; got false',
        ),
        ("brain.statuz=200", 'expect: unknown key "statuz"; did you mean "status"?'),
        ("brain.status.x=200", 'expect: unknown key "status.x"; did you mean "status"?'),
        (
            "brain.rows:=1",
            "expect.rows is for postgres:// and postgresql:// services; expect of http:// takes status, ",
        ),
        ("brain.body:=1", "expect.body: expected a table; got 1"),
        ("brain.body.contain=a", 'expect.body: unknown key "contain"; did you mean "contains"?'),
        ("brain.latency=2", "expect.latency: expected a duration of more than zero, such as "),
        ('brain.json.a:={"gee": 1}', "expect.json.a: a table holds operators (eq, ne, "),
        ('brain.json.a:={"ge": 1, "gee": 1}', 'expect.json.a: unknown key "gee"; did you mean "ge"?'),
        ('brain.json.a:={"ge": "1"}', 'expect.json.a.ge: expected a number; got "1"'),
        ("brain.json.a b=1", 'expect.json."a b": not a JMESPath expression: Unexpected token: b'),
        ("brain.json.foo(a)=1", 'expect.json."foo(a)": JMESPath has no function foo; did you mean "floor"?'),
        ("*.rowz=1", "no service that it matches knows this key of expect"),
    ],
)
def test_a_fault_names_what_was_typed_in_the_place_of_file_and_line(expect: str, message: str) -> None:
    found = refusal(BRAIN, expect)
    assert found.startswith(f"--expect {expect}: {message}")
    assert "\n" not in found


def test_a_service_knows_what_was_typed_at_which_key() -> None:
    """So that a failure names it, and no key of the file. What a glob brought is named as the glob was typed."""
    typed = (
        "brain.status:=[200,204]",
        "*.latency=2s",
        "brain.header.X-Version=1",
        "brain.body.contains=ready",
        'brain.json:={"a": 1, "b.c": 2}',
        "*.json.a:=3",
    )
    assert brain('expect.json.z = "file"', *typed).typed == {
        "status": typed[0],
        "latency": typed[1],
        "header X-Version": typed[2],
        "body contains": typed[3],
        "json a": typed[4],
        "json b.c": typed[4],
    }
    assert brain("").typed == {}


def test_what_was_typed_is_shown_on_one_line() -> None:
    assert refusal(BRAIN, "brain.x\x1b\n=200").startswith(r"--expect brain.x\x1b\n=200: expect: unknown key ")


def test_faults_of_the_files_are_told_with_those_of_the_command_line() -> None:
    """The line of a file is only told of what stands there."""
    with pytest.raises(ConfigError) as raised:
        config(f"{BRAIN}expect.latency = true\ntimeout = 0\n", "brain.latency=x", "brain.status=x", "no.status=1")
    assert [(fault.file, fault.line) for fault in raised.value.faults] == [
        ("--expect no.status=1", None),
        ("--expect brain.status=x", None),
        ("--expect brain.latency=x", None),
        ("services.toml", 7),
    ]


@pytest.mark.parametrize("own", ["expect = 3", "expect.json = 3"])
def test_a_fault_of_the_file_stays_where_an_expectation_has_no_table_to_go_to(own: str) -> None:
    with pytest.raises(ConfigError) as raised:
        config(f"{BRAIN}{own}\n", "brain.json.a=1")
    assert [(fault.file, fault.line) for fault in raised.value.faults] == [("services.toml", 6)]


def test_a_disabled_service_may_be_meant() -> None:
    found = config(f"{BRAIN}enabled = false\n", "brain.status=204")
    assert found.services[0].expect.status == (StatusRange(204, 204),)
