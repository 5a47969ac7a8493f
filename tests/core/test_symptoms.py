"""Symptoms: found in an outcome, explained with the service's own words."""

import re

import pytest

from healthmon.core.advice.advise import advise
from healthmon.core.advice.symptoms import SYMPTOMS
from healthmon.core.judge import judge
from healthmon.core.model import Address, Cause, Failure, Stage
from healthmon.core.waiting import rarely_cured
from tests.make import outcome, service


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_every_symptom_is_explained(symptom: str) -> None:
    """In whole sentences without gaps."""
    advice = advise(service(), Cause.STATUS, symptom=symptom)
    for text in (advice.explanation, advice.next_step):
        assert re.match("[A-Z]", text)
        assert not re.search(r"\{\w+\}|None", text)
    assert advice.explanation.endswith(".")
    assert re.fullmatch(r"[a-z0-9]+\.[a-z0-9_]+", symptom)


def test_a_failure_hands_its_symptom_to_the_result() -> None:
    """Where the failure decides."""
    failure = Failure(Cause.AUTH, "password rejected", Stage.WAIT, "postgres.password")
    found = judge(service(), outcome(None, failure=failure), started=0.0, duration=0.1)
    assert found.symptom == "postgres.password"


def test_a_symptom_names_the_container() -> None:
    """Of several, what was met names it."""
    one = service(address=Address("docker", "web-1", 0, explicit=False))
    assert "`docker start web-1`" in advise(one, Cause.UNHEALTHY, symptom="docker.exited").next_step
    several = service(address=Address("docker", "label shop=1", 0, explicit=False))
    assert "`docker start NAME`" in advise(several, Cause.UNHEALTHY, symptom="docker.exited").next_step


@pytest.mark.parametrize("symptom", ["name.not_found", "name.no_address", "dns.no_name", "name.no_answer"])
def test_waiting_rarely_makes_a_name(symptom: str) -> None:
    """But it does make a resolver answer."""
    failure = Failure(Cause.DNS, "no", Stage.RESOLVE, symptom)
    failed = judge(service(), outcome(None, failure=failure), started=0.0, duration=0.1)
    assert failed.symptom == symptom
    assert rarely_cured(failed) is (symptom != "name.no_answer")
