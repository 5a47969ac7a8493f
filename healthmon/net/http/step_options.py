"""One of several requests that make up a check, as keys of the config."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field, structs

from healthmon.core.expectations import Comparison, Expectations, Operator, Selected
from healthmon.core.hosts import is_host
from healthmon.net.http.placeholders import NAME, names
from healthmon.net.http.syntax import check_header, check_method

HEADER = "header:"
"""What stands before the name of a header in `save`."""


class StepOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of one step.

    Attributes:
        name: What reports call it; "step 1" and so on where it has no name.
        method: The request's method.
        path: Where it goes, on the service's own origin: a path, perhaps with a query, relative to the service's URL.
        url: Where it goes, perhaps to another origin, to which nothing goes that is meant for the service.
        headers: Request headers, name to value, besides the service's.
        params: Query parameters, added to the URL's own.
        body: The request's body, as text.
        json: The request's body, as a value to be sent as JSON.
        form: The request's body, as form fields.
        expect: What the check ends with if it is not met. Without a status, the service's is expected.
        save: What later steps are given: a name to a JMESPath in the answer's JSON, or to `header:` and a name.
    """

    name: str | None = None
    method: str = "GET"
    path: str | None = None
    url: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    body: str | None = None
    json: Any = None
    form: dict[str, str] | None = None
    expect: Expectations = Expectations()
    save: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise ValueError("\n".join(faults))

    def demands(self) -> Expectations:
        """What is expected of the answer: also that it holds what is to be saved."""
        there = (Comparison(Operator.EXISTS, operand=True),)
        headers = [what.removeprefix(HEADER) for what in self.save.values() if what.startswith(HEADER)]
        selectors = [what for what in self.save.values() if not what.startswith(HEADER)]
        return structs.replace(
            self.expect,
            header=self.expect.header + tuple(Selected(name, there) for name in headers),
            json=self.expect.json + tuple(Selected(selector, there) for selector in selectors),
        )

    def placeholders(self) -> Iterator[tuple[str, str]]:
        """The placeholders in what is sent: the key in which each stands, and its name."""
        for key in ("path", "url", "headers", "params", "body", "json", "form"):
            for text in _texts(getattr(self, key)):
                yield from ((key, name) for name in names(text))

    def _faults(self) -> Iterator[str]:
        if self.name is not None and not (self.name.isprintable() and self.name.strip()):
            yield "`name` is text on one line, not empty"
        rules: tuple[Callable[[], None], ...] = (
            partial(check_method, self.method),
            partial(_check_headers, self.headers),
        )
        for rule in rules:
            try:
                rule()
            except ValueError as error:
                yield str(error)
        if sum(body is not None for body in (self.body, self.json, self.form)) > 1:
            yield "only one of `body`, `json` and `form` can be sent"
        if self.path is not None and self.url is not None:
            yield "`path` and `url` both say where the step goes; write one of them"
        yield from _path_faults(self.path)
        yield from _url_faults(self.url)
        for name, what in self.save.items():
            if not re.fullmatch(NAME, name) or name == "host":
                yield f"`save`: {name!r} is no name for a value; it has letters, digits and _, and is not host"
            if what.startswith(HEADER):
                try:
                    check_header(what.removeprefix(HEADER), "")
                except ValueError:
                    yield f"`save`: after {HEADER} stands the name of a header"


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        check_header(name, value)
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("`headers` names a header twice")


def _path_faults(path: str | None) -> Iterator[str]:
    if path is None:
        return
    parts = _parts(path)
    if parts is None or parts.scheme or parts.netloc or path.startswith("//"):
        yield "`path` is a path, perhaps with a query, without spaces; write `url` to ask another host"


def _url_faults(url: str | None) -> Iterator[str]:
    if url is None:
        return
    parts = _parts(url)
    if parts is None or parts.scheme not in ("", "http", "https") or bool(parts.scheme) > bool(parts.netloc):
        yield '`url` is a URL such as "https://login.example.com/token", or a part of one, without spaces'
    elif "@" in parts.netloc:
        yield "`url` holds no user and no password; write `headers`"
    elif "{host}" in parts.netloc:
        yield '`url`: there is no host for {host}; write host = "..." at the top of the file'
    elif parts.netloc and not is_host(parts.hostname or ""):
        yield "`url`: its host is no name and no address; only {host} can stand in its place"


def _parts(url: str) -> Any:
    """The parts of a reference (RFC 3986, 4.1); None where it is none."""
    if not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
