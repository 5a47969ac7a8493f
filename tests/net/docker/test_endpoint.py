"""Where engines listen."""

import pytest

from healthmon.net.docker.endpoint import DEFAULT, Endpoint, endpoint_of


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        (DEFAULT, Endpoint("http://docker", "/var/run/docker.sock")),
        ("unix:///run/user/1000/podman/podman.sock", Endpoint("http://docker", "/run/user/1000/podman/podman.sock")),
        ("tcp://127.0.0.1:1234", Endpoint("http://127.0.0.1:1234")),
        ("tcp://engine", Endpoint("http://engine:2375")),
        ("http://[::1]/", Endpoint("http://[::1]:2375")),
        ("https://engine", Endpoint("https://engine:2376")),
    ],
)
def test_what_docker_host_says(text: str, endpoint: Endpoint) -> None:
    """As Docker's own command reads it."""
    assert endpoint_of(text) == endpoint


@pytest.mark.parametrize(
    "text",
    ["", "/run/docker.sock", "unix://run/docker.sock", "ssh://me@engine", "tcp://", "tcp://a:0", "tcp://a:70000"],
)
def test_what_is_not_spoken(text: str) -> None:
    """Is told when the config is read."""
    with pytest.raises(ValueError, match="`engine` is the socket of a container engine"):
        endpoint_of(text)
