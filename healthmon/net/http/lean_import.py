"""Imports aiohttp without the certificates that it loads for itself meanwhile.

aiohttp builds two TLS contexts when it is imported, and loads the system's certificates into both: 50 ms, a third of
the start-up of a check. They are never used, for each HTTPS exchange brings the context of its service.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_system_certificates() -> Iterator[None]:
    """Let TLS contexts load no system certificates as long as the block lasts.

    For an import only: nothing else may need a context meanwhile. One made here trusts nobody, so it fails safe
    should it be used after all.
    """
    # The method is inherited from a C type; for the time of the block another one stands before it.
    ssl.SSLContext.set_default_verify_paths = _load_nothing  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        del ssl.SSLContext.set_default_verify_paths


def _load_nothing(context: ssl.SSLContext) -> None:
    del context
