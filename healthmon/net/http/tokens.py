"""Access tokens, kept until shortly before they expire."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from msgspec import Struct

from healthmon.net.trace import ProbeFailed

_MARGIN = 30.0
"""Seconds before its end at which a token is not used any more; of a short-lived one, a tenth of its life."""


class Token(Struct, frozen=True):
    """What a token endpoint gave.

    Attributes:
        text: The token.
        lifetime: For how many seconds it is good.
    """

    text: str
    lifetime: float

    def __repr__(self) -> str:
        """Without the token."""
        return f"<Token for {self.lifetime:g} s>"


class Tokens:
    """The tokens of all services of one network. Services with equal settings share one.

    Of those who want the same token at a time one fetches it, the others wait; if it fails, it has failed for all.
    """

    def __init__(self) -> None:
        self._places: dict[Hashable, _Place] = {}

    async def get(self, settings: Hashable, fetch: Callable[[], Awaitable[Token]], *, not_this: str | None) -> str:
        """The token for these settings, fetched if there is none that is still good.

        Args:
            settings: All on which the token depends.
            fetch: Gets a new one.
            not_this: A token that was refused: another is wanted.

        Raises:
            ProbeFailed: What `fetch` raises.
        """
        place = self._places.get(settings)
        if place is None:
            self._forget_the_old()
            place = self._places[settings] = _Place()
        tries = place.tries
        async with place.lock:
            if place.text is not None and place.text != not_this and _now() < place.ends:
                return place.text
            if place.failure is not None and place.tries != tries:
                raise ProbeFailed(place.failure.cause, place.failure.message, place.failure.symptom)
            return await place.fill(fetch)

    def _forget_the_old(self) -> None:
        """Forget what nobody has used since it expired: a config that is read again may have other settings."""
        for settings, place in list(self._places.items()):
            if not place.lock.locked() and place.text is not None and place.ends < _now():
                del self._places[settings]


class _Place:
    """Where one token is kept.

    Attributes:
        lock: Held by the one who fetches.
        text: The token; None while there is none.
        ends: The moment from which it is not used any more, by the loop's clock.
        tries: How many attempts to fetch one have ended.
        failure: Why the last one failed; None if it did not.
    """

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.text: str | None = None
        self.ends = 0.0
        self.tries = 0
        self.failure: ProbeFailed | None = None

    async def fill(self, fetch: Callable[[], Awaitable[Token]]) -> str:
        self.text = self.failure = None
        began = _now()
        try:
            token = await fetch()
        except ProbeFailed as failure:
            self.failure = failure.with_traceback(None)
            self.tries += 1
            raise
        self.tries += 1
        self.text = token.text
        self.ends = began + token.lifetime - min(_MARGIN, token.lifetime / 10)
        return token.text


def _now() -> float:
    return asyncio.get_running_loop().time()
