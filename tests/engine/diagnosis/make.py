"""Services for the tests of the diagnosis."""

from healthmon.config.load import parse
from healthmon.core.model import Service


def service(url: str, keys: str = "", **environ: str) -> Service:
    """A service as the config would give it, with further keys as TOML lines."""
    text = f'[[services]]\nname = "Brain"\nurl = "{url}"\ntimeout = "5s"\n{keys}\n'
    return parse(text, environ=environ).services[0]
