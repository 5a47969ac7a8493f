"""What makes a service another one, and what only words it differently."""

import subprocess
import sys
from typing import Any

import pytest
from msgspec import Struct, structs

from healthmon.core.expectations import Comparison, Expectations, Operator, Selected, StatusRange
from healthmon.core.identity import checks_alike, fingerprint
from healthmon.core.model import Address, Service
from tests.make import service


class Options(Struct, frozen=True):
    """A probe's keys."""

    method: str = "GET"
    password: str = ""


WORDS: dict[str, Any] = {
    "by_hand": "curl -v http://127.0.0.1:8002/",
    "name": "Another name",
    "hint": "docker logs brain",
    "runbook": "https://docs.example.com/brain",
    "group": "edge",
    "phase": 3,
    "tags": ("slow",),
    "labels": {"team": "a"},
    "depends_on": ("postgres",),
    "typed": {"status": "brain.status=302"},
}
CHECK: dict[str, Any] = {
    "id": "other",
    "shown_url": "http://127.0.0.1:8002/health",
    "interval": 31.0,
    "timeout": 11.0,
    "retries": 1,
    "failure_threshold": 4,
    "success_threshold": 2,
    "start_period": 60.0,
    "expect": Expectations(status=(StatusRange(200, 200),)),
    "warn": Expectations(latency=2.0),
}
UNSEEN: dict[str, Any] = {
    "url": "http://user:secret@127.0.0.1:8001/health",
    "options": Options(method="HEAD"),
    "address": Address("http", "127.0.0.1", 8002, explicit=True),
    "uses_host": True,
    "secrets": frozenset({"secret"}),
    "enabled": False,
}


def plain() -> Service:
    """The service that the others differ from, made anew each time."""
    return service(options=Options(), phase=2)


def test_every_key_is_either_words_or_makes_a_check_what_it_is() -> None:
    """A new key of a service belongs in one of the lists here."""
    assert sorted([*WORDS, *CHECK, *UNSEEN]) == sorted(Service.__struct_fields__)


@pytest.mark.parametrize("key", WORDS)
def test_words_make_no_other_service(key: str) -> None:
    """What is believed of it holds."""
    changed = structs.replace(plain(), **{key: WORDS[key]})
    assert changed != plain()
    assert (checks_alike(plain(), changed), fingerprint(changed)) == (True, fingerprint(plain()))


def test_nor_do_all_of_them() -> None:
    """Together."""
    changed = structs.replace(plain(), **WORDS)
    assert (checks_alike(plain(), changed), fingerprint(changed)) == (True, fingerprint(plain()))


@pytest.mark.parametrize("key", CHECK)
def test_what_makes_a_check_makes_another_service(key: str) -> None:
    """What was believed does not hold for it."""
    changed = structs.replace(plain(), **{key: CHECK[key]})
    assert (checks_alike(plain(), changed), fingerprint(changed) == fingerprint(plain())) == (False, False)


@pytest.mark.parametrize("key", UNSEEN)
def test_what_may_be_secret_is_seen_in_a_reload_only(key: str) -> None:
    """In memory it is compared, in a file nothing is to be found of it."""
    changed = structs.replace(plain(), **{key: UNSEEN[key]})
    assert (checks_alike(plain(), changed), fingerprint(changed)) == (False, fingerprint(plain()))


def test_a_service_is_like_itself() -> None:
    """Equal values, in other objects."""
    assert checks_alike(plain(), plain())


def expecting(value: object, *secrets: str) -> Service:
    """A service that expects a value in JSON."""
    selected = Selected("token", (Comparison(Operator.EQ, value),))
    return service(expect=Expectations(json=(selected,)), secrets=frozenset(secrets))


def test_a_secret_that_is_expected_leaves_no_trace() -> None:
    """Even a digest of a short one could be guessed."""
    assert fingerprint(expecting('hunter"2', 'hunter"2')) == fingerprint(expecting("1234", "1234"))
    assert fingerprint(expecting("public")) != fingerprint(expecting("other"))


def test_the_order_in_which_a_table_is_written_does_not_matter() -> None:
    """Only what it says."""
    assert fingerprint(expecting({"a": 1, "b": 2})) == fingerprint(expecting({"b": 2, "a": 1}))


def test_another_process_finds_the_same() -> None:
    """Whatever the seed of its hashes."""
    program = "from tests.core.test_identity import *; print(fingerprint(expecting({'a': ['b', 1.5, None]})))"
    found = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {fingerprint(expecting({"a": ["b", 1.5, None]}))}
