"""The name that was probably meant."""

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean "timeout"?`` where a known name is near, and nothing where none is."""
    import difflib  # Only a fault needs it.

    folded = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    return f'; did you mean "{folded[near[0]]}"?' if near else ""


_MOST = 30


def there_are(what: str, known: Iterable[str]) -> str:
    """A line that names what there is, to stand beneath a message: ``The groups are: a, b, c``."""
    names = list(dict.fromkeys(known))
    if not names:
        return f"\nThere are no {what}."
    from healthmon.core.wording import named  # Only a fault needs it.

    return f"\nThe {what} are: {named(names, _MOST)}"
