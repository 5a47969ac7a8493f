"""The name that was probably meant."""

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean "timeout"?`` where a known name is near, and nothing where none is."""
    import difflib  # Only a fault needs it.

    folded = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    return f'; did you mean "{folded[near[0]]}"?' if near else ""
