"""Whether a service is still the one it was: across a reload, and across a restart."""

from hashlib import blake2b

import msgspec
from msgspec import structs

from healthmon.core.masking import mask
from healthmon.core.model import Service

_CHECK = (
    "id",
    "shown_url",
    "interval",
    "timeout",
    "retries",
    "failure_threshold",
    "success_threshold",
    "start_period",
    "expect",
    "warn",
)


def checks_alike(old: Service, new: Service) -> bool:
    """Whether what is believed of the old service holds for the new one: they differ at most in words.

    Words are the name, the hint, the runbook, the command to ask by hand, how an expectation was typed, and what only
    sorts services: group, phase, tags, labels, dependencies.
    """
    reworded = structs.replace(
        old,
        name=new.name,
        hint=new.hint,
        runbook=new.runbook,
        group=new.group,
        phase=new.phase,
        tags=new.tags,
        labels=new.labels,
        depends_on=new.depends_on,
        by_hand=new.by_hand,
        typed=new.typed,
    )
    return reworded == new


def fingerprint(service: Service) -> str:
    """A short text that stays the same while a service is checked in the same way, in this process and in others.

    It may be written to a file: it is made without secrets, which have been masked, and without the probe's own keys,
    which may hold some. So unlike `checks_alike` it does not see a change of those.
    """
    check = {name: getattr(service, name) for name in _CHECK}
    text = msgspec.json.encode(check, enc_hook=repr, order="deterministic").decode()
    return blake2b(mask(text, service.secrets).encode(), digest_size=16).hexdigest()
