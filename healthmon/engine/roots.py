"""Asks what a failing service needs whether it explains the failure, before there is an alarm."""

from collections.abc import Callable, Mapping

from healthmon.core.dependencies import attribute
from healthmon.core.model import Result, Verdict
from healthmon.core.state import alarms
from healthmon.engine.post import Post


class Roots:
    """Finds the roots of failures.

    Args:
        posts: The posts by service id, as they are now.
        ask: Has a post checked at once.
        now: The steady time.
    """

    def __init__(
        self, posts: Callable[[], Mapping[str, Post]], *, ask: Callable[[Post], None], now: Callable[[], float]
    ) -> None:
        self._posts = posts
        self._ask = ask
        self._now = now
        self._stopped = False

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._stopped = True
        for post in self._posts().values():
            post.tell()

    async def explain(self, post: Post, result: Result, ended: float) -> Result | None:
        """The result of a check that ended at a steady moment, with its root if a dependency explains it.

        None where the daemon stops before the dependencies have answered: whether there is an alarm is for the next
        start to say.
        """
        if result.verdict is not Verdict.DOWN or not post.service.depends_on:
            return result
        needed = self._needed(post)
        if self._wants_to_know(post, result):
            for other in needed:
                if other.idle and not _tells(other, ended, post):
                    self._ask(other)
            for other in needed:
                await self._hear(other, ended, post)
            if self._stopped:
                return None
        known = [seen for other in needed if (seen := other.seen) is not None]
        return next(one for one in attribute([*known, result]) if one.service.id == post.service.id)

    def _wants_to_know(self, post: Post, result: Result) -> bool:
        """Whether the dependencies are to be asked: before an alarm, and until the root is believed to be down.

        So a root that is checked rarely raises its alarm as soon as those that it takes down would have raised theirs.
        """
        root = self._posts().get(post.state.blocked_by or "")
        undecided = root is not None and not root.counts_as_down
        return undecided or alarms(post.state, result, now=self._now(), in_maintenance=post.state.in_maintenance)

    async def _hear(self, other: Post, ended: float, post: Post) -> None:
        """Wait until a dependency's result tells of that moment, or there is no way to get one."""
        while not _tells(other, ended, post):
            if self._stopped or self._posts().get(other.service.id) is not other:
                return
            if other.idle:
                self._ask(other)
            await other.news()

    def _needed(self, post: Post) -> list[Post]:
        """The services that a service needs, directly or not, in config order."""
        posts = self._posts()
        found: dict[str, Post] = {}
        ids = list(post.service.depends_on)
        while ids:
            id_ = ids.pop()
            other = posts.get(id_)
            if other is not None and id_ not in found:
                found[id_] = other
                ids += other.service.depends_on
        return sorted(found.values(), key=lambda other: other.order)


def _tells(other: Post, ended: float, post: Post) -> bool:
    """Whether a dependency's last result tells how it was when a check of `post` had ended.

    Many who need what is believed to be down do not all ask it again at each check of theirs.
    """
    return other.tells_of(ended, post.service.interval if other.counts_as_down else 0.0)
