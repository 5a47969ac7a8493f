"""The keys of an HTTP service."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from msgspec import field

from healthmon.core.units import Size
from healthmon.net.http.auth import Auth
from healthmon.net.http.step_options import StepOptions
from healthmon.net.http.syntax import check_header, check_method, check_proxy
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings

_OF_ONE_REQUEST = ("method", "params", "body", "json", "form")


class HttpOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of an HTTP service.

    Attributes:
        method: The request's method.
        headers: Request headers, name to value. `Host` chooses a virtual host.
        params: Query parameters, added to the URL's own.
        body: The request's body, as text.
        json: The request's body, as a value to be sent as JSON.
        form: The request's body, as form fields.
        auth: Credentials; they take the place of those in the URL.
        follow_redirects: Whether to follow redirects (ten at most), or how many at most.
        proxy: An HTTP proxy's URL.
        tls: How to speak TLS.
        body_limit: The most bytes of the answer's body to read, counted after decompression.
        steps: Several requests in place of one, in order, in one check.
    """

    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    body: str | None = None
    json: Any = None
    form: dict[str, str] | None = None
    auth: Auth | None = None
    follow_redirects: bool | int = False
    proxy: str | None = None
    tls: TlsSettings = TlsSettings()
    body_limit: Size = Size(2**20)
    steps: list[StepOptions] = field(default_factory=list)

    def __post_init__(self) -> None:
        faults = [*self._faults(), *self._step_faults()]
        if faults:
            raise ValueError("\n".join(faults))

    def _faults(self) -> Iterator[str]:
        """All that is wrong with keys that are sound one by one, a line each."""
        rules: list[Callable[[], None]] = [
            partial(ReachOptions.__post_init__, self),
            partial(check_method, self.method),
            *(partial(check_header, name, value) for name, value in self.headers.items()),
            partial(check_proxy, self.proxy),
        ]
        for rule in rules:
            try:
                rule()
            except ValueError as error:
                yield str(error)
        names = {name.lower() for name in self.headers}
        if len(names) < len(self.headers):
            yield "`headers` names a header twice"
        if sum(body is not None for body in (self.body, self.json, self.form)) > 1:
            yield "only one of `body`, `json` and `form` can be sent"
        if self.auth is not None and "authorization" in names:
            yield "`auth` and the header Authorization cannot both be sent"
        if self.follow_redirects < 0:
            yield "`follow_redirects` is true, false, or how many to follow at most"
        if self.proxy is not None and self.resolve is not None:
            yield "`resolve` has no effect with `proxy`: the proxy looks up the name"

    def _step_faults(self) -> Iterator[str]:
        """What is wrong with the steps together."""
        if not self.steps:
            return
        usual = {"method": "GET", "params": {}}
        for key in _OF_ONE_REQUEST:
            if getattr(self, key) != usual.get(key):
                yield f"`{key}` has no effect beside `steps`: each step has its own"
        saved: dict[str, int] = {}
        savers = {name: number for number, step in reversed(list(enumerate(self.steps))) for name in step.save}
        for number, step in enumerate(self.steps):
            for key, name in step.placeholders():
                if name not in saved:
                    yield f"`steps.{number}.{key}`: {_unsaved(name, savers, saved)}"
            saved |= dict.fromkeys(step.save, number)


def _unsaved(name: str, savers: dict[str, int], saved: dict[str, int]) -> str:
    if name in savers:
        return f"{{{name}}} is saved by step {savers[name] + 1}, and can be used only after it"
    known = ", ".join(f"{{{one}}}" for one in saved) or "none"
    return f"unknown placeholder {{{name}}} (saved before: {known}); the text itself is written {{{{{name}}}}}"
