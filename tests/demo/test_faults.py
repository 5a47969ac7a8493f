"""Orders of faults."""

import pytest

from healthmon.demo import SERVICES, select_phase
from healthmon.demo.faults import Fault, parse_faults
from healthmon.errors import UsageError


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_can_be_ordered(fault: Fault) -> None:
    assert {"brain": fault} == parse_faults([f"brain={fault}"], SERVICES)


def test_the_last_order_for_a_service_counts() -> None:
    assert parse_faults(["brain=503", "auth=slow", "brain=hang"], SERVICES) == {"brain": Fault.HANG, "auth": Fault.SLOW}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("brain", "write ID=FAULT"),
        ("brian=503", 'there is no service "brian"; did you mean "brain"?'),
        ("brain=hung", 'there is no fault "hung"; did you mean "hang"?'),
        ("brain=", 'there is no fault ""'),
        ("agents=503", "agents is not started; it belongs to phase 4. Use --phase 4."),
    ],
)
def test_an_order_that_cannot_be_filled_says_what_to_write(order: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_faults([order], select_phase(2))
    assert expected in str(caught.value)
