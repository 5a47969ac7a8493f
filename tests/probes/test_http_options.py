"""The keys of an HTTP service that do not go together, or cannot be sent."""

from typing import Any

import msgspec
import pytest
from msgspec import ValidationError

from healthmon.net.tls.settings import TlsSettings
from healthmon.probes.http import HttpOptions

EXAMPLE = '`proxy` is a URL such as "http://proxy.example.com:3128"'


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"method": "GET /"}, '`method` is a word such as "GET" or "POST"'),
        ({"method": ""}, "`method` is a word"),
        ({"method": "connect"}, '`method` cannot be "CONNECT"'),
        ({"headers": {"X Y": "z"}}, "`headers`: 'X Y' is not the name of a header"),
        ({"headers": {"": "z"}}, "`headers`: '' is not the name of a header"),
        ({"headers": {"X": "a\r\nY: b"}}, "`headers`: the value of X holds a control character ('\\r')"),
        ({"headers": {"content-length": "1"}}, "`headers`: content-length follows from the body and cannot be set"),
        ({"headers": {"x-y": "1", "X-Y": "2"}}, "`headers` names a header twice"),
        ({"body": "a", "json": {}}, "only one of `body`, `json` and `form` can be sent"),
        ({"body": "", "form": {}}, "only one of `body`, `json` and `form` can be sent"),
        ({"auth": {}}, "`auth` needs one of `basic`, `bearer`"),
        (
            {"auth": {"bearer": "x", "basic": {"username": "u", "password": "p"}}},
            "`auth` needs one of `basic`, `bearer`",
        ),
        ({"auth": {"bearer": "secret\n"}}, "`auth.bearer` holds a control character ('\\n')"),
        ({"auth": {"basic": {"username": "a:b", "password": "p"}}}, "`auth.basic.username` cannot hold a colon"),
        ({"auth": {"basic": {"username": "a", "password": "secret\n"}}}, "`auth.basic.password` holds a control"),
        (
            {"auth": {"bearer": "x"}, "headers": {"authorization": "y"}},
            "`auth` and the header Authorization cannot both be sent",
        ),
        ({"follow_redirects": -1}, "`follow_redirects` is true, false, or how many to follow at most"),
        ({"proxy": "proxy:3128"}, EXAMPLE),
        ({"proxy": "socks5://proxy:1080"}, EXAMPLE),
        ({"proxy": "http://"}, EXAMPLE),
        ({"proxy": "http://proxy:99999"}, EXAMPLE),
        ({"proxy": "http://proxy:0"}, EXAMPLE),
        ({"proxy": "http://proxy/path"}, f"{EXAMPLE}, without a path"),
        ({"proxy": "http://proxy", "resolve": "127.0.0.1"}, "`resolve` has no effect with `proxy`"),
    ],
)
def test_keys_that_cannot_be(keys: dict[str, Any], message: str) -> None:
    """The message names the key and never a secret value."""
    with pytest.raises(ValidationError) as raised:
        msgspec.convert(keys, HttpOptions)
    assert str(raised.value).startswith(message)
    assert "secret" not in str(raised.value)


def test_keys_that_can_be() -> None:
    """All of them at once, as far as they go together."""
    keys: dict[str, Any] = {
        "method": "post",
        "headers": {"Host": "shop.example.com", "X": "tab\tis fine"},
        "params": {"a": "b", "n": 1, "f": 1.5, "t": True},
        "json": {"a": ["{host}"]},
        "auth": {"basic": {"username": "", "password": ""}},
        "follow_redirects": 0,
        "proxy": "https://u:p@[::1]:3128/",
        "ip": "6",
        "tls": {"verify": False},
        "body_limit": 10,
    }
    options = msgspec.convert(keys, HttpOptions, dec_hook=lambda kind, value: kind(value))
    assert (options.follow_redirects, options.tls, options.body_limit) == (0, TlsSettings(verify=False), 10)
