"""A target that a request names becomes a service, by its module."""

import re
from collections.abc import Iterator

from msgspec import structs

from healthmon.config.schema import Module
from healthmon.config.secrets import url_forms, user_part, without_password, without_user
from healthmon.config.urls import address_of
from healthmon.core.expectations import Expectations
from healthmon.core.masking import MASK, forms
from healthmon.core.model import Address, Service
from healthmon.probes import PROBES


def service_for(module: Module, target: str) -> Service:
    """The service that a request asks to probe. Reads no file.

    Args:
        module: The module that the request names.
        target: Where to: a URL, or what is left of one without the scheme of the module's probe.

    Returns:
        The module's template at that place. Its name and id are the target, without credentials.

    Raises:
        ValueError: The target is no URL, no probe speaks its scheme, or its probe does not know the module's keys. The
            message is one sentence and shows no credentials.
    """
    url = target if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", target) else f"{module.probe}://{target}"
    address = _address(url)
    _check_probe(module, address.scheme)
    shown_url = _without_credentials(url)
    shown = shown_url if url == target else shown_url.removeprefix(f"{module.probe}://")
    service = structs.replace(
        module.template,
        id=shown,
        name=shown,
        url=url,
        shown_url=shown_url,
        address=address,
        secrets=module.template.secrets | _credentials(url),
    )
    return structs.replace(service, by_hand=PROBES[address.scheme].by_hand(service))


def _address(url: str) -> Address:
    if not url.isprintable():
        raise ValueError("a target has only characters that can be seen; write others as %XX")
    try:
        return address_of(url, PROBES)
    except ValueError:
        pass
    # The message quotes parts of the URL.
    address_of(without_user(url), PROBES)
    raise ValueError("the user part of the target is not fit for a URL")


def _check_probe(module: Module, scheme: str) -> None:
    if scheme == module.probe:
        return
    probe = PROBES[scheme]
    if probe.options is not type(module.template.options):
        raise ValueError(f"the module {module.name} probes {module.probe}:// targets, not {scheme}:// ones")
    for demands in (module.template.expect, module.template.warn):
        unknown = [name for name in _demanded(demands) if name not in probe.expectations]
        if unknown:
            raise ValueError(f"the module {module.name} expects a {unknown[0]}, which no {scheme}:// target has")


def _demanded(demands: Expectations) -> Iterator[str]:
    """The names of what is demanded."""
    for name in demands.__struct_fields__:
        value = getattr(demands, name)
        if name == "values":
            yield from (selected.selector for selected in value)
        elif value not in (None, ()):
            yield name


def _credentials(url: str) -> frozenset[str]:
    """The secrets in the user part: the password, or what stands there alone, which may be a token."""
    username, _, password = url[user_part(url)].partition(":")
    return url_forms(url) if password else forms(username)


def _without_credentials(url: str) -> str:
    place = user_part(url)
    username, _, password = url[place].partition(":")
    if username and not password:
        return f"{url[: place.start]}{MASK}{url[place.stop :]}"
    return without_password(url)
