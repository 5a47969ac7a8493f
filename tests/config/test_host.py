"""What {host} stands for."""

from healthmon.config.load import parse
from healthmon.core.model import Address
from tests.config.texts import faults, one

TEXT = 'host = "${H:-192.0.2.1}"\n[[services]]\nname = "A"\nurl = "http://{host}:8000/{host}"\n'


def test_it_is_replaced_by_exact_name() -> None:
    service = one(TEXT)
    assert (service.url, service.uses_host) == ("http://192.0.2.1:8000/192.0.2.1", True)


def test_the_argument_comes_before_the_file() -> None:
    config = parse(TEXT, host="web.example.com")
    assert (config.host, config.services[0].address.host) == ("web.example.com", "web.example.com")


def test_an_ipv6_address_is_put_in_brackets() -> None:
    (service,) = parse(TEXT, host="2001:db8::1").services
    assert service.url.startswith("http://[2001:db8::1]:8000/")
    assert Address("http", "2001:db8::1", 8000, explicit=True) == service.address


def test_a_service_without_it_does_not_use_the_host() -> None:
    assert not one('[[services]]\nname = "A"\nurl = "http://127.0.0.1/"').uses_host


def test_one_that_is_not_set_is_one_fault() -> None:
    text = TEXT.replace(":-192.0.2.1", "")
    assert faults(text) == ["1: host: the environment variable H is not set; set it, or write ${H:-default}"]


def test_an_unset_one_in_the_file_is_no_fault_where_an_argument_replaces_it() -> None:
    assert parse(TEXT.replace(":-192.0.2.1", ""), host="192.0.2.7").host == "192.0.2.7"
