"""What a hostile server says reaches no output as it was said: no control character, no secret."""

import asyncio
import json
import os
import sys
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from healthmon.reports import REPORTS
from tests.campaign.certificates import authority, server_context
from tests.campaign.hostile import ENVIRONMENT, ESCAPES, FROM_FILE, VARIANTS, Answer, Variant, answers, forms
from tests.campaign.servers import Handler, listening, silent
from tests.reports.workflow_commands import commands

TELLING = 7
"""So many characters of a secret in a row are a leak."""

PLACED = {"file", "line", "title"}
"""What our own annotations say beside their message."""

INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def saying_at_once(text: bytes) -> Handler:
    """Answer whatever begins to come, and close when the client has left."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(text)
        writer.write_eof()
        await silent(reader, writer)

    return handler


@asynccontextmanager
async def hostile_services(variant: Variant, folder: Path) -> AsyncIterator[Path]:
    """Servers with all hostile answers, and the config that checks them."""
    secret_file = folder / "secret"
    secret_file.write_text(FROM_FILE)
    async with AsyncExitStack() as servers:
        config = []
        for answer in answers(variant):
            port = await servers.enter_async_context(listening(saying_at_once(answer.text)))
            config.append(_service(answer, variant, port))
        path = folder / "services.toml"
        path.write_text("\n".join(config).replace("$file", str(secret_file)))
        yield path


def _service(answer: Answer, variant: Variant, port: int) -> str:
    return (
        f'[[services]]\nname = "{answer.name}"\nurl = "http://{variant.user}127.0.0.1:{port}/"\n'
        f"timeout = 5\n{variant.keys}\n{answer.keys}\n"
    )


async def healthmon(*arguments: str) -> tuple[int | None, str, str]:
    """Run the program: exit code, stdout, stderr. Both are valid UTF-8."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "healthmon",
        *arguments,
        env=os.environ | ENVIRONMENT | {"PYTHONUTF8": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def texts(value: Any) -> Iterator[str]:
    """All texts of a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.items() for part in item for text in texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts(part))


def controls(text: str) -> list[str]:
    """The characters of a text that a terminal obeys or nobody sees; not line ends, and not our own word joiner."""
    return [char for char in text if char not in "\n\u2060" and unicodedata.category(char) in INVISIBLE]


def leaks(text: str, secrets: tuple[str, ...]) -> list[str]:
    """The pieces of secrets that stand in a text, in whatever case."""
    pieces = {
        form.casefold()[start : start + TELLING]
        for secret in secrets
        for form in forms(secret)
        for start in range(len(form) - TELLING + 1)
    }
    return sorted(piece for piece in pieces if piece in text.casefold())


def forged(text: str) -> list[str]:
    """The lines that the runner of GitHub Actions would take for commands, but for those of our own report."""
    ours = {"error", "warning", "notice"}
    return [command.name for command in commands(text) if command.name not in ours or set(command.properties) - PLACED]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
async def test_a_report_shows_no_control_character_and_no_secret(variant: Variant, tmp_path: Path) -> None:
    """Whatever the format, on both streams, with facts and timings."""
    async with hostile_services(variant, tmp_path) as config:
        for name in REPORTS:
            code, out, err = await healthmon("check", "--config", str(config), "--format", name, "--verbose")
            shown = [out, err]
            if name == "json":
                document = json.loads(out)
                assert [one["id"] for one in document["services"] if one["cause"] == "internal"] == []
                shown += texts(document)
            assert (code, err) == (2 if name == "nagios" else 1, "")
            assert "***" in out or name in ("nagios", "prometheus")
            assert [found for text in shown for found in controls(text)] == []
            assert [found for text in shown for found in leaks(text, variant.secrets)] == []
            assert forged(out) == []
            assert bool(commands(out)) == (name == "github")


@pytest.mark.parametrize("variant", VARIANTS[:2], ids=lambda variant: variant.name)
async def test_a_diagnosis_shows_no_control_character_and_no_secret(variant: Variant, tmp_path: Path) -> None:
    """It shows more of an answer than a report."""
    async with hostile_services(variant, tmp_path) as config:
        for one in ("no-http", "status-line", "loud-header", "loud-content-type", "not-http-loud", "body-cut", "json"):
            code, out, err = await healthmon("diagnose", one, "--config", str(config))
            assert (code, err) == (1, "")
            assert "✗" in out
            assert controls(out) == []
            assert leaks(out, variant.secrets) == []
            assert forged(out) == []


def hostile_certificate(ca: trustme.CA) -> trustme.LeafCert:
    """A certificate whose subject speaks to terminals."""
    return ca.issue_cert("x.example", common_name=f"X{ESCAPES}"[:64], organization_name=f"{ESCAPES[60:110]}Y")


@pytest.mark.parametrize(
    "keys", ["", "tls.verify = false", 'tls.ca = "$ca"', 'tls.ca = "$ca"\ntls.server_name = "x.example"']
)
async def test_a_certificate_shows_no_control_character(keys: str, tmp_path: Path) -> None:
    """Its names are texts of the server too, trusted or not."""
    authority().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    config = tmp_path / "services.toml"
    async with listening(silent, tls=server_context(hostile_certificate(authority()))) as port:
        keys = keys.replace("$ca", str(tmp_path / "ca.pem"))
        config.write_text(f'[[services]]\nname = "Loud"\nurl = "tls://127.0.0.1:{port}"\n{keys}\n')
        for name in REPORTS:
            _, out, err = await healthmon("check", "--config", str(config), "--format", name, "--verbose")
            shown = [out, err, *(texts(json.loads(out)) if name == "json" else ())]
            assert "certificate" in out
            assert [found for text in shown for found in controls(text)] == []
            assert forged(out) == []
            assert bool(commands(out)) == (name == "github")
