"""The places that checks take while they are under way, and the posts that wait for one."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from healthmon.engine.post import Post


class Places:
    """Lets no more checks run at a time than there are places. What waits for one is no task.

    Args:
        watch: Checks a post and believes what comes of it. It gives its place back with `give` as soon as it has a
            result; one that ends otherwise gives it back by ending.
        began: Told of each beginning: the post, when it was due (steady), and how many places are taken.
        wanted: Whether a post that has waited is still to be checked.
    """

    def __init__(
        self,
        watch: Callable[[Post], Coroutine[Any, Any, None]],
        *,
        began: Callable[[Post, float, int], None],
        wanted: Callable[[Post], bool],
    ) -> None:
        self.limit = 1
        self._watch = watch
        self._began = began
        self._wanted = wanted
        self._waiting: deque[Post] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def taken(self) -> int:
        """How many checks are under way."""
        return len(self._taken)

    @property
    def stuck(self) -> bool:
        """Whether something waits although nothing is under way that could make place."""
        return bool(self._waiting) and not self._taken

    def ask(self, post: Post, due: float, *, urgent: bool = False) -> None:
        """Have a post checked, now or when there is a place; what is urgent comes first."""
        if self._closed:
            return
        if len(self._taken) < self.limit:
            self._begin(post, due)
            return
        post.due = due
        if urgent:
            self._waiting.appendleft(post)
        else:
            self._waiting.append(post)

    def give(self, post: Post) -> None:
        """Let another check begin in the place of this post's."""
        if post.task is not None:
            self._give(post.task)

    async def close(self, grace: float) -> None:
        """Begin nothing more, and wait until all has ended: after the grace time, in seconds, by being cancelled."""
        self._closed = True
        for post in self._waiting:
            post.due = None
        self._waiting.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        left = set(self._tasks)
        for task in left:
            task.cancel()
        if left:
            # One that does not let itself be cancelled is left behind with the process.
            await asyncio.wait(left, timeout=1.0)

    def _begin(self, post: Post, due: float) -> None:
        post.task = task = asyncio.get_running_loop().create_task(self._watch(post))
        self._tasks.add(task)
        self._taken.add(task)
        # One that is cancelled before its first step runs nothing of its own.
        task.add_done_callback(lambda _: self._ended(post, task))
        self._began(post, due, len(self._taken))

    def _ended(self, post: Post, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if post.task is task:
            post.task = None
        self._give(task)
        post.tell()

    def _give(self, task: "asyncio.Task[None]") -> None:
        self._taken.discard(task)
        while self._waiting and len(self._taken) < self.limit and not self._closed:
            post = self._waiting.popleft()
            due, post.due = post.due, None
            if due is not None and self._wanted(post):
                self._begin(post, due)
