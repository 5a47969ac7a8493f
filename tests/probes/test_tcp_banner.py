"""TCP: what a server says first, or when something is sent."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from healthmon.config.load import parse
from healthmon.core.model import Cause, Result, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.network import Network
from healthmon.net.raw import as_text, to_send
from healthmon.probes.tcp import TCP
from tests.campaign.servers import Handler, listening
from tests.net.descriptors import leaving_no_socket
from tests.ports import free_port
from tests.programs.running import accepting, needed, started


async def asked(network: Network, port: int, keys: str) -> Result:
    """The check of a service on a port of this machine."""
    (one,) = parse(f'[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:{port}"\n{keys}').services
    return await check(one, probe=TCP, network=network)


async def checked(network: Network, port: int, keys: str) -> Result:
    """The same, which leaves nothing open."""
    async with leaving_no_socket():
        return await asked(network, port, keys)


def saying(*parts: bytes, close: bool = False) -> Handler:
    """A server that says this at once, and then nothing."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if not close:
            await reader.read()

    return say


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says what it hears."""
    while data := await reader.read(100):
        writer.write(data)


def told(result: Result) -> tuple[Cause | None, str]:
    """What is said of it."""
    return result.cause, result.message


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real SSH server."""
    dropbear, folder, port = needed("dropbear", "dropbear-bin"), tmp_path_factory.mktemp("ssh"), free_port()
    command = [dropbear, "-F", "-E", "-R", "-r", str(folder / "key"), "-p", f"127.0.0.1:{port}", "-P", "pid"]
    with started(command, folder=folder, ready=lambda: accepting(port)):
        yield port


@pytest.fixture(scope="module")
def mqtt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real MQTT broker, which lets everybody in."""
    mosquitto, folder, port = needed("mosquitto", "mosquitto"), tmp_path_factory.mktemp("mqtt"), free_port()
    (folder / "config").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    with started([mosquitto, "-c", "config"], folder=folder, ready=lambda: accepting(port)):
        yield port


async def test_ssh_greets(network: Network, ssh: int) -> None:
    result = await checked(network, ssh, r"expect.banner.matches = '^SSH-2\.0-dropbear'")
    assert (result.verdict, result.message) == (Verdict.UP, "connected")
    assert str(result.fact("banner")).startswith("SSH-2.0-dropbear")
    assert result.timings.wait is not None
    assert result.timings.transfer is not None


async def test_ssh_is_not_what_was_expected(network: Network, ssh: int) -> None:
    result = await checked(network, ssh, 'expect.banner.contains = "OpenSSH"')
    assert result.cause is Cause.VALUE
    assert result.message.startswith('connected, banner: "SSH-2.0-dropbear')
    assert result.message.endswith('contains "OpenSSH"')


CONNECT = "10 0c 00 04 4d 51 54 54 04 02 00 0a 00 00"


async def test_mqtt_accepts_a_client(network: Network, mqtt: int) -> None:
    result = await checked(network, mqtt, f"send_hex = '{CONNECT}'\nexpect.banner = ' \\x02\\x00\\x00'\n")
    assert told(result) == (None, "connected")


async def test_mqtt_closes_on_what_it_does_not_know(network: Network, mqtt: int) -> None:
    result = await checked(network, mqtt, 'send = "GET / HTTP/1.1\\r\\n\\r\\n"\n')
    assert told(result)[0] is Cause.RESET
    assert result.message in ("connection closed without an answer", "connection reset without an answer")


async def test_mqtt_says_nothing_unasked(network: Network, mqtt: int) -> None:
    result = await checked(network, mqtt, 'timeout = "100ms"\nexpect.banner.exists = true\n')
    assert told(result) == (Cause.NO_RESPONSE, "connected, but no answer within 0.1 s")


async def test_what_is_sent_is_answered(network: Network) -> None:
    async with listening(echo) as port:
        result = await checked(network, port, 'send = "PING\\r\\n"\nexpect.banner = "PING"\n')
    assert result.verdict is Verdict.UP
    assert result.fact("banner") == "PING"


async def test_of_a_greeting_the_first_line_is_heard(network: Network) -> None:
    """Whatever follows it: SSH goes on with bytes that are no text."""
    async with listening(saying(b"22", b"0 one\r\n\0\0", b"220 two\r\n")) as port:
        result = await checked(network, port, 'expect.banner = "220 one"\n')
    assert result.verdict is Verdict.UP


async def test_of_an_answer_all_that_comes_before_a_pause_is_heard(network: Network) -> None:
    """Several lines, and several packets."""
    async with listening(saying(b"220-one\r\n", b"220 two\r\n")) as port:
        result = await checked(network, port, 'send = "x"\nexpect.banner = "220-one\\r\\n220 two"\n')
    assert result.verdict is Verdict.UP


async def test_no_more_than_a_kibibyte_is_heard(network: Network) -> None:
    """A server that never pauses holds nothing up."""

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"x" * 300)
            await writer.drain()
            await asyncio.sleep(0)

    async with leaving_no_socket(), listening(pour) as port:
        result = await asked(network, port, 'expect.banner.matches = "^x{1000,}$"\ntimeout = "5s"\n')
    assert result.verdict is Verdict.UP


async def test_a_server_that_drips_is_cut_off_by_the_timeout(network: Network) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.01)

    async with leaving_no_socket(), listening(drip) as port:
        result = await asked(network, port, 'expect.banner = "y"\ntimeout = "150ms"\n')
    assert told(result) == (Cause.TIMEOUT, "the answer began but was not finished within 0.15 s")


def pausing(*parts: bytes) -> Handler:
    """A server that says this with a pause after each part, as after a lost segment, and then nothing."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.2)
        await reader.read()

    return say


async def test_a_pause_does_not_end_a_greeting(network: Network) -> None:
    """Not even one that would end an answer."""
    async with leaving_no_socket(), listening(pausing(b"SSH-2.0-", b"", b"", b"", b"dropbear\r\n")) as port:
        result = await asked(network, port, 'expect.banner = "SSH-2.0-dropbear"\ntimeout = "5s"\n')
    assert told(result) == (None, "connected")


async def test_a_lost_segment_does_not_end_an_answer(network: Network) -> None:
    async with leaving_no_socket(), listening(pausing(b"+PO", b"NG\r\n")) as port:
        result = await asked(network, port, 'send = "PING\\r\\n"\nexpect.banner = "+PONG"\ntimeout = "5s"\n')
    assert told(result) == (None, "connected")


async def test_a_greeting_that_does_not_end_is_a_timeout(network: Network) -> None:
    async with leaving_no_socket(), listening(saying(b"SSH-2.0-")) as port:
        result = await asked(network, port, 'expect.banner.exists = true\ntimeout = "300ms"\n')
    assert told(result) == (Cause.TIMEOUT, "the answer began but was not finished within 0.3 s")


async def test_a_greeting_without_a_line_feed_ends_with_a_pause(network: Network) -> None:
    """As a prompt."""
    async with leaving_no_socket(), listening(saying(b"host login: ")) as port:
        result = await asked(network, port, 'expect.banner.contains = "login:"\ntimeout = "5s"\n')
    assert told(result) == (None, "connected")


async def test_a_banner_may_end_with_the_connection(network: Network) -> None:
    async with listening(saying(b"hello", close=True)) as port:
        assert (await checked(network, port, 'expect.banner = "hello"\n')).verdict is Verdict.UP


async def test_a_server_that_closes_at_once(network: Network) -> None:
    async with listening(saying(close=True)) as port:
        result = await checked(network, port, 'warn.banner.contains = "a"\n')
    assert told(result) == (Cause.RESET, "connection closed without an answer")


async def test_a_server_that_resets(network: Network) -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        linger = b"\1\0\0\0\0\0\0\0"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    async with listening(reset) as port:
        result = await checked(network, port, 'expect.banner.contains = "a"\n')
    assert told(result) == (Cause.RESET, "connection reset without an answer")


async def test_what_is_asked_is_told_to_who_diagnoses() -> None:
    assert TCP.asks is not None
    for keys, told_ in {
        "": [],
        'send = "PING\\r\\n"': ["PING\r\n"],
        'send_hex = "00ff"': [r"\x00\xff"],
        'expect.banner = "a"': ["nothing: the server speaks first"],
    }.items():
        (one,) = parse(f'[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n{keys}\n').services
        assert list(TCP.asks(one)) == told_
        assert (one.by_hand == "nc -vz -w 10 127.0.0.1 1") == (not keys)


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ('send = "a"\nsend_hex = "00"', "only one of `send` and `send_hex`"),
        ('send_hex = "0"', "`send_hex` is bytes in hexadecimal"),
        ('send_hex = "xy"', "`send_hex` is bytes in hexadecimal"),
        ('send_hex = " "', "there is nothing in"),
        ('send = ""', "there is nothing in"),
        ('resolve = "a"', "`resolve` is an IP address"),
        ("expect.banner = { contans = 1 }", "contans"),
        ('expect.body.contains = "a"', "body"),
    ],
)
def test_keys_that_cannot_be(keys: str, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f'[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n{keys}\n')
    assert fault in str(raised.value)


def test_a_secret_that_is_sent_is_not_shown(tmp_path: Path) -> None:
    """Not even when the server repeats it."""
    (tmp_path / "token").write_text("s3same-open")
    config = tmp_path / "services.toml"
    for source in ("${TOKEN}", f"${{file:{tmp_path}/token}}"):
        config.write_text(f'[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\nsend = "AUTH {source}"\n')
        (one,) = parse(config.read_text(), environ={"TOKEN": "s3same-open"}).services
        assert one.secrets >= {"s3same-open"} or "AUTH s3same-open" in one.secrets


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"SSH-2.0-x\r\n", "SSH-2.0-x\r\n"),
        (b" \x02\x00\x00", r" \x02\x00\x00"),
        (b"\xff\xfb", r"\xff\xfb"),
        ("grün\t".encode(), "grün\t"),
        (b"\x1b[1m\x7f", r"\x1b[1m\x7f"),
        ("\x85".encode(), r"\x85"),
    ],
)
def test_bytes_as_text(data: bytes, text: str) -> None:
    assert as_text(data) == text


def test_bytes_to_send() -> None:
    assert to_send("a\x00", None) == b"a\0"
    assert to_send(None, "41 4d\t51") == b"AMQ"
    assert to_send(None, None) == b""
