"""What a person types to make the request of a check: it shows no secret."""

import pytest

from tests.config.texts import one

SERVICE = '[[services]]\nname = "A"\nid = "a"\nurl = "http://127.0.0.1:8001/x?a=1&b=2"\ntimeout = "3s"\n'


@pytest.mark.parametrize(
    ("keys", "options"),
    [
        ("", ""),
        ('method = "head"', "-I "),
        ('method = "DELETE"', "-X DELETE "),
        ('headers = { Accept = "text/plain" }', "-H 'Accept: text/plain' "),
        ('headers.X-Key = "${KEY}"', "-H 'X-Key: ***' "),
        ('auth.bearer = "${KEY}"', "-H 'Authorization: Bearer ***' "),
        ('auth.basic = { username = "me", password = "${KEY}" }', "-u 'me:***' "),
        ('proxy = "http://127.0.0.1:3128"', "-x http://127.0.0.1:3128 "),
        ('proxy = "http://me:${KEY}@127.0.0.1:3128"', "-x 'http://me:***@127.0.0.1:3128' "),
        ('method = "POST"\njson = { a = 1 }', "-H 'Content-Type: application/json' --data-raw '{\"a\": 1}' "),
        ('method = "PUT"\nform = { a = "b c" }', "-X PUT --data-raw a=b+c "),
        (
            'method = "POST"\nbody = "x"\nheaders.content-type = "text/x"',
            "-H 'content-type: text/x' --data-raw x ",
        ),
        (
            f'method = "POST"\nbody = "{"x" * 500}"\nheaders.content-type = "text/x"',
            f"-H 'content-type: text/x' --data-raw {'x' * 400}... ",
        ),
    ],
)
def test_the_request_of_a_check(keys: str, options: str) -> None:
    service = one(f"{SERVICE}{keys}\n", KEY="s3cret-key")
    assert service.by_hand == f"curl -v -m 3 {options}'http://127.0.0.1:8001/x?a=1&b=2'"


@pytest.mark.parametrize("key", ["s3cret-key/0123456789", 'a"b c&d\\\\e<f/0123456789'])
@pytest.mark.parametrize(
    "body", ['body = "{}${{KEY}}"', 'json = {{ a = "{}${{KEY}}" }}', 'form = {{ a = "{}${{KEY}}" }}']
)
def test_no_part_of_a_secret_where_a_body_is_cut(body: str, key: str) -> None:
    for size in range(340, 410):
        shown = one(f'{SERVICE}method = "POST"\n{body.format("x" * size)}\n', KEY=key).by_hand
        assert shown is not None
        assert not [key[at : at + 6] for at in range(len(key) - 5) if key[at : at + 6] in shown], size


def test_steps_are_shown_by_healthmon() -> None:
    assert one(f'{SERVICE}steps = [{{ path = "/a" }}]\n').by_hand == "healthmon diagnose a"
