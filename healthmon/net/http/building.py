"""The requests that a service's keys describe. They may hold secrets."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from yarl import URL

from healthmon.core.model import Cause, Service
from healthmon.net.http.options import HttpOptions
from healthmon.net.http.placeholders import fill, fill_all
from healthmon.net.http.redirects import same_origin
from healthmon.net.http.request import Request, basic_credentials
from healthmon.net.http.step_options import StepOptions
from healthmon.net.trace import ProbeFailed


def first_request(service: Service) -> Request:
    """The request with which a check begins; of a check in steps, that of the first one.

    Raises:
        ProbeFailed: The URL cannot be asked.
    """
    options: HttpOptions = service.options
    if options.steps:
        return step_request(service, options.steps[0], {})
    url = base_of(service)
    return _request(options.method, _bare(url), _personal(options, url), options)


def base_of(service: Service) -> URL:
    """The service's URL, with what stands in its user part.

    Raises:
        ProbeFailed: It cannot be asked.
    """
    try:
        return URL(service.url)
    except ValueError as error:
        raise ProbeFailed(Cause.DNS, f"not a valid name: {service.address.host}") from error


def step_request(service: Service, step: StepOptions, values: Mapping[str, str]) -> Request:
    """The request of one step.

    To another origin than the service's it brings nothing that is meant for the service: neither its headers nor its
    credentials.

    Args:
        service: The service; its URL is the base of the step's (RFC 3986, 5).
        step: The step.
        values: What was saved by the steps before.

    Raises:
        ProbeFailed: Something that was saved cannot be sent where it stands.
    """
    options: HttpOptions = service.options
    base = base_of(service)
    try:
        reference = fill(step.url or step.path or "", values, lambda value: quote(value, safe=""))
        target = _bare(base.join(URL(reference))) if reference else _bare(base)
    except ValueError as error:
        raise ProbeFailed(Cause.PROTOCOL, "what was saved does not make a URL") from error
    headers = {name: fill(value, values) for name, value in step.headers.items()}
    for name, value in headers.items():
        if not value.isprintable():
            raise ProbeFailed(Cause.PROTOCOL, f"what was saved cannot stand in the header {name}")
    if same_origin(base, target):
        own = {name.lower() for name in headers}
        shared = {name: value for name, value in _personal(options, base).items() if name.lower() not in own}
        headers = {**shared, **headers}
    sent = StepOptions(
        params=fill_all(step.params, values),
        body=fill_all(step.body, values),
        json=fill_all(step.json, values),
        form=fill_all(step.form, values),
    )
    return _request(step.method, target, headers, sent)


def _bare(url: URL) -> URL:
    return url.with_user(None).with_fragment(None)


def _personal(options: HttpOptions, base: URL) -> dict[str, str]:
    """The headers that are meant for the service: its own, and the credentials that need no asking first."""
    headers = dict(options.headers)
    auth = options.auth
    if auth is not None and auth.basic is not None:
        headers["Authorization"] = basic_credentials(auth.basic.username, auth.basic.password)
    elif auth is not None and auth.bearer is not None:
        headers["Authorization"] = f"Bearer {auth.bearer}"
    elif (
        auth is None
        and "authorization" not in {name.lower() for name in headers}
        and (base.user is not None or base.password is not None)
    ):
        headers["Authorization"] = basic_credentials(base.user or "", base.password or "")
    return headers


def _request(method: str, target: URL, headers: dict[str, str], sent: HttpOptions | StepOptions) -> Request:
    body, content_type = _body(sent)
    if body is not None and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = content_type
    params = [(name, _text(value)) for name, value in sent.params.items()]
    return Request(method.upper(), target.extend_query(params), tuple(headers.items()), body)


def _body(sent: HttpOptions | StepOptions) -> tuple[bytes | None, str]:
    """The body and its media type."""
    if sent.json is not None:
        return msgspec.json.encode(sent.json), "application/json"
    if sent.form is not None:
        return urlencode(sent.form).encode(), "application/x-www-form-urlencoded"
    if sent.body is not None:
        return sent.body.encode(), "text/plain; charset=utf-8"
    return None, ""


def _text(value: Any) -> str:
    """A parameter as text; what is true is "true" in URLs too."""
    return str(value).lower() if isinstance(value, bool) else str(value)
