"""The real nginx: what it answers, as a server and as a proxy whose upstream is gone, and what is said of it."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.conftest import Healthmon
from tests.ports import free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx: apt-get install nginx-light")

CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_min_length 1;
    gzip_types application/json;
    server {{
        listen 127.0.0.1:{plain};
        location = /health {{ default_type application/json; return 200 '{{"status": "healthy"}}'; }}
        location = /login {{ return 302 /health; }}
        location /api/ {{ proxy_pass http://127.0.0.1:{gone}; }}
    }}
    server {{
        listen 127.0.0.1:{tls} ssl;
        server_name healthmon.test;
        ssl_certificate {folder}/chain.pem;
        ssl_certificate_key {folder}/key.pem;
        location / {{ return 200 "ok"; }}
    }}
}}
"""

SERVICES = """
[[services]]
name = "Up"
url = "http://127.0.0.1:{plain}/health"
expect.json.status = "healthy"
expect.header.content-encoding = "gzip"

[[services]]
name = "Redirect"
url = "http://127.0.0.1:{plain}/login"

[[services]]
name = "Followed"
url = "http://127.0.0.1:{plain}/login"
follow_redirects = true

[[services]]
name = "Upstream gone"
url = "http://127.0.0.1:{plain}/api/x"

[[services]]
name = "Plain to TLS"
url = "http://127.0.0.1:{tls}/"

[[services]]
name = "Trusted"
url = "https://healthmon.test:{tls}/"
resolve = "127.0.0.1"
tls.ca = "ca.pem"
expect.certificate = "1d"

[[services]]
name = "Untrusted"
url = "https://healthmon.test:{tls}/"
resolve = "127.0.0.1"

[[services]]
name = "Handshake"
url = "tls://127.0.0.1:{tls}"
tls = {{ ca = "ca.pem", server_name = "healthmon.test" }}
"""


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Path]:
    """Run nginx, and write the config of the services on it."""
    ports = {name: free_port() for name in ("plain", "tls", "gone")}
    authority = trustme.CA()
    identity = authority.issue_cert("healthmon.test")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    identity.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    for blob in identity.cert_chain_pems:
        blob.write_to_path(str(tmp_path / "chain.pem"), append=True)
    (tmp_path / "nginx.conf").write_text(CONFIG.format(folder=tmp_path, **ports))
    assert NGINX
    process = subprocess.Popen(
        [NGINX, "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], stderr=subprocess.DEVNULL
    )
    path = tmp_path / "services.toml"
    path.write_text(SERVICES.format(**ports))
    try:
        yield path
    finally:
        process.terminate()
        process.wait(timeout=10)


def test_what_nginx_says(services: Path, healthmon: Healthmon) -> None:
    """Verdict and cause of each."""
    wait_until_it_listens(services, healthmon)
    done = healthmon("check", "--config", services, "--format", "json")
    found: dict[str, Any] = {one["id"]: one for one in json.loads(done.stdout)["services"]}
    assert {id_: (one["verdict"], one["cause"], one["facts"].get("status")) for id_, one in found.items()} == {
        "up": ("up", None, 200),
        "redirect": ("up", None, 302),
        "followed": ("up", None, 200),
        "upstream-gone": ("down", "status", 502),
        "plain-to-tls": ("down", "status", 400),
        "trusted": ("up", None, 200),
        "untrusted": ("down", "certificate", None),
        "handshake": ("up", None, None),
    }
    assert found["followed"]["facts"]["redirects"] == 1
    assert found["trusted"]["facts"]["certificate_names"] == "healthmon.test"
    assert found["untrusted"]["facts"]["certificate_names"] == "healthmon.test"
    assert found["trusted"]["timings"]["tls"] > 0


def wait_until_it_listens(services: Path, healthmon: Healthmon) -> None:
    """By asking: a check with so many attempts outlasts its start."""
    first = services.with_name("first.toml")
    port = services.read_text().partition("127.0.0.1:")[2].partition("/")[0]
    first.write_text(f'[[services]]\nname = "nginx"\nurl = "http://127.0.0.1:{port}/health"\nretries = 5000\n')
    assert healthmon("check", "--config", first).returncode == 0
