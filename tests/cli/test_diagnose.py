"""``healthmon diagnose`` as a program."""

from pathlib import Path

import pytest

from tests.conftest import Demo, Healthmon


def test_a_healthy_service_is_code_0(demo: Demo, healthmon: Healthmon) -> None:
    with demo() as config:
        end = healthmon("diagnose", "brain", "--config", config)
    assert end.returncode == 0, end.stdout + end.stderr
    assert "✓ answer" in end.stdout
    assert end.stdout.endswith("✓ OK (HTTP 200)\n")
    assert end.stderr == ""


def test_a_failed_one_is_code_1_with_cause_and_next_step(demo: Demo, healthmon: Healthmon) -> None:
    with demo(brain="503") as config:
        end = healthmon("diagnose", "brain", "--config", config)
    assert end.returncode == 1
    assert "✗ expect" in end.stdout
    assert "\nCause: status. " in end.stdout
    assert "\nNext: " in end.stdout
    assert "docker logs bizosaas-brain-staging --tail 50" in end.stdout


def test_host_and_timeout_replace_those_of_the_config(demo: Demo, healthmon: Healthmon) -> None:
    with demo(brain="hang") as config:
        end = healthmon("diagnose", "brain", "localhost", "--timeout", "300ms", "--config", config, "--color", "always")
    assert end.returncode == 1
    assert "localhost is 127.0.0.1" in end.stdout
    assert "no answer within 0.3 s" in end.stdout
    assert "\x1b[31m" in end.stdout


def test_a_disabled_service_can_be_diagnosed(demo: Demo, healthmon: Healthmon) -> None:
    """What the ten stand on is not enabled, and is what one wants to look at."""
    with demo() as config:
        end = healthmon("diagnose", "redis", "--config", config)
    assert "(redis)  redis://:***@127.0.0.1:6380/10" in end.stdout


@pytest.mark.parametrize("group", ['group = "later"', ""])
def test_a_disabled_service_is_looked_at_with_or_without_a_group(
    tmp_path: Path, healthmon: Healthmon, group: str
) -> None:
    config = tmp_path / "services.toml"
    config.write_text(f'[[services]]\nname = "Later"\nenabled = false\nurl = "tcp://127.0.0.1:1"\n{group}\n')
    end = healthmon("diagnose", "later", "--config", config)
    assert end.returncode == 1
    assert "Cause: refused." in end.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["brian"], 2, 'There is no service "brian"; did you mean "brain"?'),
        (["brain", "http://203.0.113.10:8001"], 2, "write: 203.0.113.10"),
        (["brain", "--timeout", "soon"], 2, "--timeout"),
        ([], 2, "ID"),
    ],
)
def test_a_mistake_is_code_2(demo: Demo, healthmon: Healthmon, arguments: list[str], code: int, message: str) -> None:
    with demo() as config:
        end = healthmon("diagnose", *arguments, "--config", config)
    assert code == end.returncode
    assert message in end.stderr
    assert end.stdout == ""


def test_a_host_that_would_change_nothing_is_a_mistake(tmp_path: Path, healthmon: Healthmon) -> None:
    config = tmp_path / "services.toml"
    config.write_text('[[services]]\nname = "Fixed"\nurl = "tcp://127.0.0.1:1"\n')
    end = healthmon("diagnose", "fixed", "203.0.113.10", "--config", config)
    assert end.returncode == 2
    assert "it would change nothing" in end.stderr


@pytest.mark.parametrize("group", ['group = "later"', ""])
@pytest.mark.parametrize("url", ["http://127.0.0.1:${UNSET_PORT}/", "${UNSET_PORT}"])
def test_what_a_disabled_service_lacks_is_a_fault_of_the_config(
    tmp_path: Path, healthmon: Healthmon, group: str, url: str
) -> None:
    """Only of that one: others may lack what they want."""
    config = tmp_path / "services.toml"
    service = f'[[services]]\nname = "NAME"\nenabled = false\nurl = "{url}"\n{group}\n'
    config.write_text(service.replace("NAME", "Later") + service.replace("NAME", "Never"))
    end = healthmon("diagnose", "later", "--config", config)
    assert end.returncode == 78
    assert end.stderr.count("the environment variable UNSET_PORT is not set") == 1
    assert end.stdout == ""
