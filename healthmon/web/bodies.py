"""Reads the bodies of requests, which nobody here needs, so that the next request can follow."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from healthmon.web.answers import refuse
from healthmon.web.limits import Limits


def bounding(limits: Limits) -> Middleware:
    """What refuses a body that is too large, too slow or not valid."""

    @web.middleware
    async def bound(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(limits.body):
                await request.read()
        except TimeoutError:
            return _closing(refuse(request, 408, f"The body did not come within {limits.body:g} s."))
        except web.HTTPRequestEntityTooLarge:
            return _closing(refuse(request, 413, f"The body is larger than {limits.body_size} bytes."))
        except web.RequestPayloadError:  # aiohttp's parser in C does not tell: to it, such a body never ends
            return _closing(refuse(request, 400, "The body is not what its headers say."))
        return await handler(request)

    return bound


def _closing(response: web.Response) -> web.Response:
    response.force_close()
    return response
