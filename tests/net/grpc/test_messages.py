"""The messages of the health protocol, held against the real library for them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.grpc.messages import check_request, serving_status

health_pb2 = pytest.importorskip("grpc_health.v1.health_pb2")


def framed(message: bytes) -> bytes:
    """A message with its prefix."""
    return b"\0" + len(message).to_bytes(4) + message


@given(st.text(max_size=300))
def test_a_request_is_that_of_the_library(service: str) -> None:
    expected = health_pb2.HealthCheckRequest(service=service).SerializeToString()
    assert check_request(service) == framed(expected)


@pytest.mark.parametrize("name", ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"])
def test_each_status_is_read(name: str) -> None:
    answer = health_pb2.HealthCheckResponse(status=name)
    assert serving_status(framed(answer.SerializeToString())) == name


@pytest.mark.parametrize(
    "more", [b"\x10\x96\x01", b"\x12\x03abc", b"\x15\0\0\0\0", b"\x11" + bytes(8), b"\x12\x00"], ids=bytes.hex
)
def test_fields_that_are_not_known_are_passed_over(more: bytes) -> None:
    assert serving_status(framed(more + b"\x08\x01" + more)) == "SERVING"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no message"),
        (b"\0\0\0\0", "no message"),
        (b"\1\0\0\0\0", "compressed"),
        (b"\0\0\0\0\3\x08\x01", "2 bytes of a message of 3"),
        (framed(b"\x08"), "a number that does not end"),
        (framed(b"\x08" + b"\xff" * 11), "a number that does not end"),
        (framed(b"\x12\x05ab"), "cut off"),
        (framed(b"\x0b\x00"), "not a message of Protocol Buffers"),
    ],
)
def test_what_is_no_message_is_told(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        serving_status(body)


@given(st.integers(0, 2**31 - 1))
def test_whatever_number_a_server_gives_is_told(number: int) -> None:
    """An enumeration may have grown."""
    answer = health_pb2.HealthCheckResponse(status=number)
    names = dict(health_pb2.HealthCheckResponse.ServingStatus.items())
    assert serving_status(framed(answer.SerializeToString())) in (
        str(number),
        *(n for n, v in names.items() if v == number),
    )


@given(st.binary(max_size=40))
def test_whatever_comes_is_read_or_told(message: bytes) -> None:
    """With no other exception than the one that says why."""
    with contextlib.suppress(ValueError):
        assert serving_status(framed(message))
