"""Reads short configs for tests."""

import pytest

from healthmon.config.load import parse
from healthmon.core.model import Service
from healthmon.errors import ConfigError


def one(text: str, **environ: str) -> Service:
    """The only service of a config."""
    (service,) = parse(text, environ=environ).services
    return service


def faults(text: str, **environ: str) -> list[str]:
    """The faults of a config, as line and message."""
    with pytest.raises(ConfigError) as caught:
        parse(text, environ=environ)
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]
