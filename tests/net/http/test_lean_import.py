"""aiohttp is imported without loading the system's certificates."""

import importlib
import ssl
import subprocess
import sys

import pytest

_IMPORT = """
import ssl
from healthmon.net.http.lean_import import without_system_certificates
with without_system_certificates():
    import aiohttp
from aiohttp import connector
print(connector._SSL_CONTEXT_VERIFIED.cert_store_stats()["x509"])
print(ssl.create_default_context().cert_store_stats()["x509"] > 0)
"""


def test_aiohttp_is_imported_without_certificates() -> None:
    """And whoever builds a context later gets them all the same."""
    done = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "True"]


def test_the_context_class_is_left_as_it_was() -> None:
    """Also when the import fails."""
    from healthmon.net.http.lean_import import without_system_certificates

    with pytest.raises(ImportError), without_system_certificates():
        importlib.import_module("no_such_module")
    assert "set_default_verify_paths" not in vars(ssl.SSLContext)
