"""A result in two words or three."""

from healthmon.core.model import Cause, Result


def in_brief(result: Result) -> str:
    """The message; of a wrong status only that, such as ``HTTP 503``."""
    status = result.fact("status")
    wrong_status = result.cause is Cause.STATUS and status is not None
    return f"HTTP {status}" if wrong_status else result.message
