"""Defaults merge with each service's keys, as far as its scheme knows them."""

from healthmon.config.load import parse
from healthmon.core.expectations import Expectations, StatusRange
from healthmon.core.model import Service
from healthmon.probes.tcp import TcpOptions
from tests.config.texts import faults, one

TEXT = """
[defaults]
timeout = "5s"
depends_on = ["db"]
method = "HEAD"
headers = { X-A = "1", X-B = "2" }
params = { debug = true }
expect.status = 204
expect.certificate = "7d"
expect.json = { a = 1, b = { ge = 2 } }
warn.latency = "1s"

[[services]]
name = "DB"
url = "tcp://127.0.0.1:5432"
depends_on = false

[[services]]
name = "Web"
url = "http://127.0.0.1:8000/"
"""


def with_keys(keys: str) -> Service:
    return parse(TEXT + keys).services[1]


def test_they_reach_the_services_whose_scheme_knows_them() -> None:
    database, web = parse(TEXT).services

    assert (database.timeout, web.timeout) == (5.0, 5.0)
    assert (TcpOptions(), "HEAD") == (database.options, web.options.method)
    assert (Expectations(), (StatusRange(204, 204),)) == (database.expect, web.expect.status)
    assert (database.warn.latency, web.warn.latency, web.expect.certificate) == (1.0, 1.0, None)


def test_a_service_replaces_them() -> None:
    web = with_keys('timeout = "1s"\nmethod = "GET"\n')
    assert (web.timeout, web.options.method) == (1.0, "GET")


def test_tables_merge_key_by_key() -> None:
    web = with_keys('headers = { X-B = "3", X-C = "4" }\nexpect.json = { b = { le = 9 }, c = 5 }\n')
    assert web.options.headers == {"X-A": "1", "X-B": "3", "X-C": "4"}
    assert {item.selector: len(item.comparisons) for item in web.expect.json} == {"a": 1, "b": 2, "c": 1}


def test_false_removes_one() -> None:
    web = with_keys("timeout = false\ndepends_on = false\nheaders.X-A = false\nwarn = false\nexpect.json = false\n")
    assert (web.timeout, web.depends_on, web.options.headers) == (10.0, (), {"X-B": "2"})
    assert (Expectations(), ()) == (web.warn, web.expect.json)


def test_without_a_default_the_built_in_one_applies_again() -> None:
    web = with_keys("expect.status = false\n")
    assert (StatusRange(200, 200), StatusRange(302, 302)) == web.expect.status


def test_false_that_is_a_value_stays_one() -> None:
    web = with_keys("params = { debug = false }\nexpect.json = { a = false }\nfollow_redirects = false\n")
    assert web.options.params == {"debug": False}
    assert web.expect.json[0].comparisons[0].operand is False


def test_false_where_there_is_no_default_is_no_fault() -> None:
    assert with_keys("hint = false\n").hint is None


def test_a_table_replaces_another_value() -> None:
    assert with_keys("expect.json = { a = { gt = 3 } }\n").expect.json[0].comparisons[0].operand == 3


def test_a_fault_in_them_is_told_once_at_their_line() -> None:
    text = TEXT.replace('"5s"', '"5 s"').replace('X-A = "1"', "X-A = 1")
    assert [fault.split(":")[0] for fault in faults(text)] == ["3", "6"]


def test_an_unset_variable_in_them_is_told_once() -> None:
    text = TEXT.replace('X-A = "1"', 'X-A = "${NOT_SET}"')
    assert len(faults(text)) == 1


def test_keys_that_do_not_go_together_are_told_where_they_stand() -> None:
    text = TEXT.replace("[[", 'form = { a = "b" }\n[[', 1) + 'body = "x"\n'
    assert faults(text) == ["22: only one of `body`, `json` and `form` can be sent"]


def test_false_in_them_removes_nothing() -> None:
    assert [fault.partition(",")[0] for fault in faults(TEXT.replace('"5s"', "false"))] == [
        "3: timeout: expected a duration of more than zero"
    ]


def test_one_without_a_value_is_told_by_the_services_that_it_reaches() -> None:
    """A disabled service does without; so do defaults that reach none."""
    text = '[defaults]\nfollow_redirects = "${MANY}"\n[[services]]\nname = "A"\nurl = "{}"\n'
    assert one(text.replace("{}", "tcp://127.0.0.1:1")).options == TcpOptions()
    assert one(text.replace("{}", "http://127.0.0.1:1") + "enabled = false\n").options.follow_redirects is False
    assert faults(text.replace("{}", "http://127.0.0.1:1")) == [
        "2: follow_redirects: the environment variable MANY is not set; set it, or write ${MANY:-default}"
    ]
