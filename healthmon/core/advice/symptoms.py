"""What each symptom means: a fact of the answer that tells more than the cause alone."""

from collections.abc import Mapping

from healthmon.core.advice.databases import POSTGRES, REDIS
from healthmon.core.advice.entry import Entry
from healthmon.core.advice.grpc import GRPC
from healthmon.core.advice.local import LOCAL
from healthmon.core.advice.mail import MAIL
from healthmon.core.advice.network import NETWORK
from healthmon.core.advice.rollouts import ROLLOUT
from healthmon.core.advice.web import HTTP, OAUTH2, PROXY, WEBSOCKET

SYMPTOMS: Mapping[str, Entry] = {
    **HTTP,
    **OAUTH2,
    **PROXY,
    **NETWORK,
    **LOCAL,
    **GRPC,
    **POSTGRES,
    **REDIS,
    **MAIL,
    **WEBSOCKET,
    **ROLLOUT,
    "wait.too_late": Entry(
        "The service was as it should be, but the waiting ended before it could be looked at once more, after the last "
        "of the others had come.",
        "Wait again; where the time was too short, give it more: `--deadline`.",
        hint=False,
    ),
}
"""The symptoms by name, which is the protocol's and its own, such as ``postgres.password``."""
