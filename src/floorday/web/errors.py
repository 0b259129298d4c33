"""Every "no" as a page for people or a problem document (RFC 9457) for programs."""

from __future__ import annotations

import http
import logging
import secrets
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from floorday.errors import BadInput, Busy, FloordayError, SignInNeeded, TooMany
from floorday.render.tokens import mask_tokens
from floorday.render.words import gettext as _
from floorday.web.pages import redirect, show

PROBLEM = "application/problem+json"
SERVER_FAULT = 500

log = logging.getLogger("floorday.web")


class Problem(Struct, frozen=True):
    """What is wrong, before it is known who reads it."""

    status: int
    kind: str
    title: str
    sentence: str
    fields: dict[str, str] = {}
    headers: dict[str, str] = {}


def handlers() -> dict[Any, Any]:
    """Return the exception handlers of the app."""
    return {FloordayError: _on_no, HTTPException: _on_http, Exception: _on_surprise}


def _on_no(request: Request[Any, Any, Any], wrong: FloordayError) -> Response[Any]:
    if wrong.status >= SERVER_FAULT and not isinstance(wrong, Busy):
        log.error("%s %s: %s", request.method, _path(request), type(wrong).__name__, exc_info=wrong)
    if isinstance(wrong, SignInNeeded) and request.method == "GET" and not wants_json(request):
        return redirect("/sign-in?next=" + quote(_here(request), safe=""))
    return _answer(request, _told(wrong))


def _on_http(request: Request[Any, Any, Any], wrong: HTTPException) -> Response[Any]:
    status = wrong.status_code
    if status >= SERVER_FAULT:
        return _on_surprise(request, wrong)
    sentence = _sentences().get(status) or wrong.detail or _("This cannot be done.")
    kept = {name: value for name, value in (wrong.headers or {}).items() if name.lower() != "content-type"}
    return _answer(request, Problem(status, f"http-{status}", _title(status), sentence, headers=kept))


def _on_surprise(request: Request[Any, Any, Any], wrong: Exception) -> Response[Any]:
    reference = secrets.token_hex(3).upper()
    log.error("%s %s failed, reference %s", request.method, _path(request), reference, exc_info=wrong)
    sentence = _(
        "Something broke on our side. If it happens again, tell whoever runs floorday this reference: %(reference)s.",
        reference=reference,
    )
    return _answer(request, Problem(SERVER_FAULT, "surprise", _title(SERVER_FAULT), sentence))


def _told(wrong: FloordayError) -> Problem:
    headers: dict[str, str] = {}
    if isinstance(wrong, TooMany):
        headers["retry-after"] = str(wrong.after)
    elif isinstance(wrong, Busy):
        headers["retry-after"] = "1"
    elif isinstance(wrong, SignInNeeded):
        headers["www-authenticate"] = 'Bearer realm="floorday"'
    sentence = str(wrong)
    if wrong.status == SERVER_FAULT:
        sentence = _("Something is set up wrongly here. Whoever runs floorday finds the reason in the log.")
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    return Problem(wrong.status, type(wrong).__name__.lower(), _title(wrong.status), sentence, fields, headers)


def _answer(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    if wants_json(request):
        return _document(request, problem)
    try:
        return show(request, "errors/error.html", status=problem.status, headers=problem.headers, problem=problem)
    except Exception:  # a page about an error must never be the next error
        log.exception("The error page could not be rendered.")
        return Response(f"{problem.title}\n{problem.sentence}\n", status_code=problem.status, media_type="text/plain")


def _document(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    said: dict[str, Any] = {
        "type": f"urn:floorday:problem:{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.sentence,
        "instance": request.scope["path"],
    }
    if problem.fields:
        said["errors"] = [{"field": name, "detail": sentence} for name, sentence in problem.fields.items()]
    return Response(msgspec.json.encode(said), status_code=problem.status, media_type=PROBLEM, headers=problem.headers)


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """Say whether a program asks: everything under /api, and whoever prefers JSON to a page."""
    if request.scope["path"].startswith("/api/"):
        return True
    accepted = request.headers.get("accept", "")
    return "json" in accepted and "text/html" not in accepted


def _path(request: Request[Any, Any, Any]) -> str:
    """Give the path as a log may hold it: on one line, without the token of a letter."""
    return mask_tokens(ascii(request.scope["path"])[1:-1])


def _here(request: Request[Any, Any, Any]) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return request.scope["path"] + (f"?{query}" if query else "")


def _title(status: int) -> str:
    titles = {
        400: _("We could not read that"),
        401: _("Please sign in"),
        403: _("Not yours to do"),
        404: _("Nothing here"),
        405: _("Not that way"),
        409: _("Not possible as it stands"),
        413: _("Too large"),
        422: _("Please look at this again"),
        429: _("A moment, please"),
        502: _("A mail server said no"),
        503: _("Busy just now"),
        SERVER_FAULT: _("That went wrong"),
    }
    return titles.get(status) or http.HTTPStatus(status).phrase


def _sentences() -> dict[int, str]:
    return {
        404: _("This page does not exist, or it is not for you to see."),
        405: _("This address takes another kind of request."),
        413: _("That is too large: 10 MB is the most that can be sent at once."),
        429: _("That was a lot in a short time. Wait a minute and try again."),
    }
