"""What lets the requests of one check in, where that takes more than a header known before."""

from collections.abc import Iterable

from msgspec import structs
from yarl import URL

from healthmon.core.masking import forms
from healthmon.core.model import Cause, Stage
from healthmon.net.http.auth import OAuth2
from healthmon.net.http.connection import Route, impersonal
from healthmon.net.http.digest import Challenge, answer_to, challenge_of
from healthmon.net.http.oauth2 import UNREACHABLE, endpoint, fetch_token
from healthmon.net.http.options import HttpOptions
from healthmon.net.http.request import Request
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace


class Credentials:
    """Adds tokens (OAuth 2.0) and proofs (Digest) to the requests of one check.

    A token that is refused is fetched anew once in a check. Without a challenge there is no proof: the first request
    goes without, and is asked again when the server has said what it wants; the requests after it count on.
    """

    def __init__(self, options: HttpOptions, network: Network, trace: Trace) -> None:
        self._oauth2 = None if options.auth is None else options.auth.oauth2
        self._digest = None if options.auth is None else options.auth.digest
        self._options = options
        self._network = network
        self._trace = trace
        self._token: str | None = None
        self._refused: str | None = None
        self._challenge: Challenge | None = None
        self._count = 0

    async def added(self, request: Request) -> Request:
        """The request with its credentials, unless it bears some already.

        Raises:
            ProbeFailed: There is no token.
        """
        if request.bears_credentials:
            return request
        if self._oauth2 is not None:
            return _bearing(request, f"Bearer {await self._fetched(self._oauth2)}")
        if self._digest is None or self._challenge is None:
            return request
        self._count += 1
        uri = request.url.raw_path_qs
        proof = answer_to(self._challenge, self._digest, method=request.method, uri=uri, count=self._count)
        return _bearing(request, proof)

    def worth_another(self, request: Request, wanted: Iterable[str]) -> bool:
        """Whether a request that was answered with 401 may succeed with other credentials.

        Args:
            request: The request, without credentials.
            wanted: The answer's `WWW-Authenticate` headers.
        """
        if request.bears_credentials:
            return False
        if self._token is not None and self._refused is None:
            self._refused = self._token
            return True
        challenge = None if self._digest is None else challenge_of(wanted)
        if challenge is None or (self._challenge is not None and not challenge.stale):
            return False
        if self._challenge is not None and challenge.nonce == self._challenge.nonce:
            return False
        self._challenge, self._count = challenge, 0
        return True

    async def _fetched(self, oauth2: OAuth2) -> str:
        options, trace = self._options, self._trace
        route = Route(
            reach=ReachOptions(ip=options.ip),
            tls=impersonal(options.tls),
            proxy=None if options.proxy is None else URL(options.proxy),
        )
        network = self._network.unguarded()
        # What the check ends with should its time be over meanwhile.
        trace.enter(Stage.WAIT)
        trace.failure = ProbeFailed(Cause.NO_RESPONSE, f"{endpoint(oauth2)} gave no token in time", UNREACHABLE)
        self._token = await network.tokens.get(
            (oauth2, route), lambda: fetch_token(oauth2, network, route), not_this=self._refused
        )
        trace.failure = None
        trace.enter(Stage.RESOLVE)
        trace.secrets |= forms(self._token)
        return self._token


def _bearing(request: Request, credentials: str) -> Request:
    return structs.replace(request, headers=(*request.headers, ("Authorization", credentials)))
