"""Libraries that only some probes need, and how to get them."""

from importlib.util import find_spec

from healthmon.probes.contract import Probe


def missing(probe: Probe) -> str | None:
    """What to do about libraries that a probe needs and that are not installed; None if all are there."""
    absent = [library for library, module in probe.libraries.items() if not _installed(module)]
    if not absent:
        return None
    names = " and ".join(absent)
    return f"{probe.name}:// needs {names}, which is not installed; run pip install 'healthmon[{probe.extra}]'"


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it
        return False
