"""Every cause has an explanation and a next step for the very service."""

import re

import pytest

from healthmon.core.advice.advise import advise, explain
from healthmon.core.advice.causes import CAUSES, OF_SCHEMES, WITHOUT_PORT
from healthmon.core.advice.statuses import STATUSES
from healthmon.core.advice.symptoms import SYMPTOMS
from healthmon.core.model import Address, Cause, Verdict
from healthmon.probes import PROBES
from tests.make import result, service


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_is_explained(cause: Cause) -> None:
    """In whole sentences without gaps, naming the service's host, port, URL or id."""
    address = Address("http", "203.0.113.7", 8001, explicit=True)
    advice = advise(service(address=address, by_hand="curl http://203.0.113.7:8001/"), cause)
    for text in (advice.explanation, advice.next_step):
        assert re.match("[A-Z]", text)
        assert not re.search(r"\{\w+\}|None", text)
    assert re.search(r"203\.0\.113\.7|8001|127\.0\.0\.1|brain|this machine|This machine|run", str(advice))
    assert advice.explanation.endswith(".")


@pytest.mark.parametrize("cause", list(Cause))
def test_what_has_no_port_is_explained_without_one(cause: Cause) -> None:
    """A file, a container: what can go wrong there names no port 0."""
    address = Address("unix", "/run/app.sock", 0, explicit=False)
    advice = advise(service(address=address, by_hand="curl --unix-socket /run/app.sock http://localhost/"), cause)
    for text in (advice.explanation, advice.next_step):
        assert re.match("[A-Z]", text)
        assert not re.search(r"\{\w+\}|None", text)
    if cause in (Cause.NO_RESPONSE, Cause.PROTOCOL, Cause.STATUS, Cause.RESET, Cause.REFUSED, Cause.CONNECT_TIMEOUT):
        assert not re.search(r"\b0\b|[Pp]ort\b", str(advice))
        assert "/run/app.sock" in advice.explanation


def test_the_owners_hint_is_passed_on() -> None:
    """Where the service itself is to be looked at, and not where the network or this machine is."""
    owner = service(hint="docker logs brain --tail 50", labels={"container": "brain"})
    assert advise(owner, Cause.STATUS).next_step.endswith(" Hint: docker logs brain --tail 50")
    assert advise(owner, Cause.STATUS).next_step.count("docker logs") == 1
    assert "docker" not in advise(owner, Cause.DNS).next_step


def test_without_a_hint_the_container_is_named() -> None:
    """From the label `container`."""
    advice = advise(service(labels={"container": "brain-1"}), Cause.NO_RESPONSE)
    assert "docker logs brain-1 --tail 50" in advice.next_step


def test_commands_can_be_pasted() -> None:
    """An address that a shell would take apart is quoted."""
    owner = service(
        shown_url="http://[2001:db8::1]:80/?a=1&b=2",
        address=Address("http", "2001:db8::1", 80, explicit=True),
        by_hand="curl -v -m 10 'http://[2001:db8::1]:80/?a=1&b=2'",
    )
    assert "curl -i 'http://[2001:db8::1]:80/?a=1&b=2'" in advise(owner, Cause.STATUS).next_step
    assert "-connect [2001:db8::1]:80 " in advise(owner, Cause.CERTIFICATE).next_step


def test_what_is_up_needs_no_advice() -> None:
    """Only a cause does."""
    assert explain(result(verdict=Verdict.UP)) is None
    assert explain(result(verdict=Verdict.DOWN)) == advise(service(), Cause.STATUS, status=503)


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_says_more_is_explained_by_itself(status: int) -> None:
    """And another as statuses in general."""
    general = advise(service(), Cause.STATUS, status=418)
    own = advise(service(), Cause.STATUS, status=status)
    assert general == advise(service(), Cause.STATUS)
    assert own.explanation != general.explanation
    assert not re.search(r"\{\w+\}|None", own.explanation + own.next_step)


def test_a_secret_in_the_hint_is_masked() -> None:
    """The owner may have written a placeholder there."""
    owner = service(hint="curl -H 'X-Key: s3cret' http://x", secrets=frozenset({"s3cret"}))
    assert "s3cret" not in advise(owner, Cause.STATUS).next_step


def test_a_next_step_that_calls_healthmon_is_a_whole_command() -> None:
    """So that it can be copied from a log, far from the config."""
    steps = [advise(service(), cause).next_step for cause in Cause]
    steps += [advise(service(), Cause.PROCESS, symptom=symptom).next_step for symptom in SYMPTOMS]
    commands = [command for step in steps for command in re.findall(r"`([^`]*--only[^`]*)`", step)]

    assert len(commands) > 3
    assert {" ".join(command.split()[:3]) for command in commands} == {"healthmon check --only"}


def test_a_request_that_is_more_than_a_get_is_repeated_whole() -> None:
    """Where `curl -i URL` would ask something else."""
    asks = "curl -v -m 10 -X POST --data-raw x http://127.0.0.1:8001/health"
    assert advise(service(by_hand=asks), Cause.JSON).next_step.startswith(f"Compare the body that `{asks}` shows")
    assert "`curl -s http://127.0.0.1:8001/health`" in advise(service(by_hand=None), Cause.JSON).next_step


@pytest.mark.parametrize("cause", [Cause.BODY, Cause.JSON, Cause.LATENCY])
def test_a_command_is_no_server(cause: Cause) -> None:
    """Its output is what is not as expected."""
    advice = advise(service(address=Address("exec", "exec", 0, explicit=False), by_hand="df /"), cause)
    assert advice.explanation.startswith("The command")
    assert "`df /`" in advice.next_step


def test_what_a_log_should_not_say_is_read_there() -> None:
    """With the container's name."""
    container = service(address=Address("docker", "web", 0, explicit=False), by_hand="docker inspect web")
    assert "`docker logs web --since 1h`" in advise(container, Cause.VALUE).next_step


def test_a_limit_is_raised_only_where_a_key_sets_it() -> None:
    """`body_limit` is for the schemes that have it; a service that speaks HTTP is told of it."""
    told = {
        scheme: "`body_limit`" in advise(service(address=Address(scheme, "a", 1, explicit=True)), cause).next_step
        for cause in [Cause.TOO_LARGE]
        for scheme in ("http", "https", "ws", "wss", "grpc", "grpcs", "postgres", "postgresql", "redis", "rediss")
    }
    assert told == {scheme: "body_limit" in PROBES[scheme].options.__struct_fields__ for scheme in told}
    database = service(address=Address("postgres", "a", 5432, explicit=True))
    assert "`query` of brain" in advise(database, Cause.TOO_LARGE).next_step


TYPED = "brain.json.version=1.4.2"


@pytest.mark.parametrize(
    ("cause", "shows"),
    [
        (Cause.HEADER, "`curl -sD - -o /dev/null http://127.0.0.1:8001/health`"),
        (Cause.STATUS, "`curl -i http://127.0.0.1:8001/health`"),
        (Cause.BODY, "`curl -s http://127.0.0.1:8001/health`"),
        (Cause.JSON, "`curl -s http://127.0.0.1:8001/health`"),
        (Cause.VALUE, "`healthmon check --only brain --verbose`"),
    ],
)
def test_what_was_typed_is_compared_and_not_a_key_that_no_file_has(cause: Cause, shows: str) -> None:
    """And a deployment that goes on is thought of. The owner's hint follows as always."""
    step = advise(service(hint="docker logs brain"), cause, status=200, typed=TYPED).next_step
    assert step.startswith(f"`--expect {TYPED}` is not met. Compare it with ")
    assert f"{shows} shows; where that comes from an old version, " in step
    assert step.endswith(". Hint: docker logs brain")
    assert "`expect" not in step


def test_whatever_names_a_key_of_the_file_has_other_words_for_what_was_typed() -> None:
    """A key that the file does not have is nothing to look at."""
    entries = [*CAUSES.values(), *WITHOUT_PORT.values(), *STATUSES.values(), *SYMPTOMS.values()]
    entries += [entry for own in OF_SCHEMES.values() for entry in own.values()]
    of_the_file = [entry for entry in entries if re.search(r"`(expect|warn)\b", entry.next_step)]
    assert len(of_the_file) > 10
    assert [entry for entry in of_the_file if not entry.typed or "expect" in entry.typed] == []


def test_what_was_typed_is_named_before_what_tells_more() -> None:
    """A status and a symptom say better what to do than that the two are to be compared."""
    some = next(iter(SYMPTOMS))
    for cause, status, symptom in ((Cause.STATUS, 503, None), (Cause.LATENCY, None, None), (Cause.JSON, None, some)):
        named = advise(service(), cause, status=status, symptom=symptom, typed=TYPED).next_step
        told = advise(service(), cause, status=status, symptom=symptom).next_step
        assert named == f"`--expect {TYPED}` is not met. {told}"


def test_what_was_typed_may_hold_braces_and_secrets() -> None:
    """It is no template, and the owner's secrets are masked in it."""
    typed = 'brain.json.{id}:={"eq": "s3cret"}'
    told = result(service=service(secrets=frozenset({"s3cret"})), verdict=Verdict.DOWN, cause=Cause.JSON, typed=typed)
    advice = explain(told)
    assert advice is not None
    assert advice.next_step.startswith('`--expect brain.json.{id}:={"eq": "***"}` is not met. ')
