"""The ways in which an HTTP request shows who asks, as keys of the config."""

from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from healthmon.core.hosts import is_host
from healthmon.net.http.syntax import check_value


def check_username(scheme: str, username: str) -> None:
    """Check a user's name, the value of `auth.SCHEME.username`.

    Raises:
        ValueError: It cannot be sent, or not be told from what follows it after a colon (RFC 7617, 2; RFC 7616, 3.4).
    """
    if ":" in username:
        raise ValueError(f"`auth.{scheme}.username` cannot hold a colon")
    check_value(f"`auth.{scheme}.username`", username)


class BasicAuth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials by the Basic scheme (RFC 7617).

    Attributes:
        username: The user's name.
        password: The password.
    """

    username: str
    password: str

    def __post_init__(self) -> None:
        check_username("basic", self.username)
        check_value("`auth.basic.password`", self.password)


class DigestAuth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials by the Digest scheme (RFC 7616).

    Attributes:
        username: The user's name.
        password: The password.
    """

    username: str
    password: str

    def __post_init__(self) -> None:
        check_username("digest", self.username)


class OAuth2(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client that gets its access tokens from a token endpoint: client credentials (RFC 6749, 4.4).

    Attributes:
        token_url: The token endpoint's URL.
        client_id: The client's name.
        client_secret: Its password.
        scope: What it asks leave for: words with spaces between them.
        audience: For whom the token is to be, where the endpoint wants to know.
        auth_style: Where the client's name and password stand: in a header by the Basic scheme, or in the body.
    """

    token_url: str
    client_id: str
    client_secret: str
    scope: str | None = None
    audience: str | None = None
    auth_style: Literal["basic", "body"] = "basic"

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.token_url)
            sound = parts.port != 0 and self.token_url.isprintable() and " " not in self.token_url
        except ValueError:
            sound = False
        if not (sound and parts.scheme in ("http", "https") and is_host(parts.hostname or "")) or parts.fragment:
            raise ValueError('`auth.oauth2.token_url` is a URL such as "https://login.example.com/oauth2/token"')
        if "@" in parts.netloc:
            raise ValueError(
                "`auth.oauth2.token_url` holds no user and no password; write `auth.oauth2.client_id` and "
                "`auth.oauth2.client_secret`"
            )


class Auth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials for a request; one scheme of these.

    Attributes:
        basic: A user's name and password.
        bearer: A token (RFC 6750).
        digest: A user's name and password that prove themselves without being sent.
        oauth2: A client that gets its tokens from a token endpoint.
    """

    basic: BasicAuth | None = None
    bearer: str | None = None
    digest: DigestAuth | None = None
    oauth2: OAuth2 | None = None

    def __post_init__(self) -> None:
        if sum(scheme is not None for scheme in (self.basic, self.bearer, self.digest, self.oauth2)) != 1:
            raise ValueError("`auth` needs one of `basic`, `bearer`, `digest` and `oauth2`, and only one")
        check_value("`auth.bearer`", self.bearer or "")
