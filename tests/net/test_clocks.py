"""Instants on two clocks."""

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.clocks import Moment, received, sent_now, spans

SECOND = 10**9
WALL = 1_800_000_000 * SECOND


def sent(at: int, *, wall_offset: int = WALL) -> Moment:
    """A send, at a time of the monotonic clock in nanoseconds."""
    return Moment(wall_offset + at, wall_offset + at, at)


def read(arrived: int | None, noticed: int, *, wall_offset: int = WALL) -> Moment:
    """A read of what arrived before the program noticed."""
    return Moment(None if arrived is None else wall_offset + arrived, wall_offset + noticed, noticed)


def test_the_kernel_knows_when_it_came_however_late_the_program_noticed() -> None:
    assert spans(sent(0), read(20_000_000, 70_000_000), read(21_000_000, 70_100_000)) == ([0.02, 0.001], "kernel")


def test_without_one_of_the_stamps_all_times_are_the_programs_own() -> None:
    assert spans(sent(0), read(20_000_000, 70_000_000), read(None, 100_000_000)) == ([0.07, 0.03], "user")


def test_a_wall_clock_that_was_set_in_between_is_not_believed() -> None:
    set_forward = read(20_000_000, 30_000_000, wall_offset=WALL + 3600 * SECOND)
    assert spans(sent(0), set_forward) == ([0.03], "user")


def test_a_wall_clock_that_is_slewed_a_little_is_believed() -> None:
    slewed = read(20_000_000, 30_000_000, wall_offset=WALL + 900_000)
    assert spans(sent(0), slewed) == ([0.0209], "kernel")


def test_an_answer_that_came_before_the_request_took_no_time() -> None:
    assert spans(sent(5_000_000), read(1_000_000, 6_000_000)) == ([0.0], "kernel")


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=5), st.booleans())
def test_spans_are_never_negative_and_add_up_where_time_goes_forward(times: list[int], stamped: bool) -> None:
    first, *later = sorted(times)
    seconds, clock = spans(sent(first), *(read(at if stamped else None, at) for at in later))
    assert ("kernel" if stamped else "user") == clock
    assert [(end - start) / 1e9 for start, end in pairwise([first, *later])] == seconds


def test_the_stamp_is_found_among_other_ancillary_data() -> None:
    stamp = struct.pack("@6l", 1_800_000_000, 7, 0, 0, 0, 0)
    assert received([(1, 29, b"\0" * 16), (1, 37, stamp)]).happened == WALL + 7


def test_a_stamp_of_zero_or_a_short_one_is_none() -> None:
    assert received([(1, 37, bytes(48))]).happened is None
    assert received([(1, 37, bytes(4))]).happened is None


def test_a_send_happens_when_the_program_says() -> None:
    moment = sent_now()
    assert moment.wall == moment.happened
