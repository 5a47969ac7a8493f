"""Turns whatever a handler does into an answer."""

import traceback
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from healthmon.core.safe_text import clean
from healthmon.web.answers import refuse
from healthmon.web.delivery import ClientGone, cut_off_request, deliver

Fault = Callable[[str], None]
"""Told of a fault in healthmon itself, in one line."""


def answering(fault: Fault, *, within: float) -> Middleware:
    """What surrounds every handler: sends its answer, and makes one of what it raises."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            response = _refused(request, refusal)
        except ClientGone:
            raise
        except Exception as error:  # one request's fault is no other's
            fault(describe(f"{request.method} {request.path}", error))
            if request.writer.output_size > 0:
                cut_off_request(request)  # The client sees that what it has is not all.
                raise ClientGone from error
            sentence = "This is a fault in healthmon itself; its log says more."
            response = refuse(request, 500, sentence)
        await deliver(request, response, within)
        return response

    return answer


def describe(where: str, error: BaseException) -> str:
    """A fault in one line: where, which, and the place in the code."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return clean(f"{where}: {type(error).__name__}: {error}{place}", limit=500)


def _refused(request: web.Request, refusal: web.HTTPException) -> web.Response:
    """What the router refuses, in our words."""
    if isinstance(refusal, web.HTTPNotFound):
        return refuse(request, 404, f"There is nothing at {clean(request.path)}; / lists what there is.")
    if isinstance(refusal, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(refusal.allowed_methods))
        response = refuse(request, 405, f"{clean(request.method)} is not allowed here; allowed: {allowed}.")
        response.headers["Allow"] = allowed
        return response
    # A handler's own: it has said it in its words.
    return web.Response(status=refusal.status, text=refusal.text, headers=refusal.headers)
