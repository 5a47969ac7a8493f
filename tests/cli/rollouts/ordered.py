"""A rollout of three phases that is asked for on a command line."""

from pathlib import Path
from typing import Any

from healthmon.cli.rollouts.order import Order, order_of
from healthmon.cli.rollouts.request import Request
from healthmon.config.added import Added

NAMES = ("one", "two", "3 or so")


def ordered(folder: Path, *, expect: tuple[str, ...] = (), head: str = "", config: str = "", **keys: Any) -> Order:
    """What a command line asks for.

    Args:
        folder: Where the files are to be.
        expect: What is expected besides.
        head: What stands at the top of the rollout's file.
        config: What stands at the end of the services' config.
        keys: Other attributes of the request.
    """
    services = "".join(
        f'[[services]]\nid = "s{number}"\nname = "s"\nurl = "http://{{host}}:1/"\nphase = {number}\n'
        for number in (1, 2, 3)
    )
    (folder / "services.toml").write_text(f'host = "127.0.0.1"\n{services}{config}')
    phases = "".join(
        f'[[phase]]\nname = "{name}"\nphase = {number}\ndeploy = "true"\nrollback = "true"\n'
        for number, name in enumerate(NAMES, 1)
    )
    (folder / "rollout.toml").write_text(f'config = "services.toml"\n{head}{phases}')
    nothing = {"host": None, "config": None, "journal": None, "resume": False, "timeout": None, "strict": False}
    added = tuple(map(Added.parse, expect))
    return order_of(Request(file=folder / "rollout.toml", expect=added, **{"interval": 1.0, **nothing, **keys}))
