"""The description of the API: an OpenAPI 3.1 document made from the handlers, and a page of it without a script."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# A schema is JSON of any shape.

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.routes import HTTPRoute
from msgspec import Struct

from floorday.render.words import gettext as _
from floorday.web.api import schemas
from floorday.web.api.once import LONGEST
from floorday.web.api.schemas import Schema
from floorday.web.api.telling import JSON, PREFIX, TOLD, Told
from floorday.web.errors import PROBLEM
from floorday.web.pages import show


class FieldError(Struct, frozen=True):
    """What is wrong with one field."""

    field: str
    detail: str


class Problem(Struct, frozen=True, omit_defaults=True):
    """Why not, after RFC 9457; `errors` names every field that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] = []


EXAMPLES: dict[str, Any] = {
    "name": "Ann Archer", "email": "ann@example.com", "zone": "Europe/London", "language": "en", "site": "Leeds",
    "place": "Leeds, floor 3", "title": "Refunds wait for a weekly batch", "month": "2026-11", "limit": 50,
    "text": "A refund waits until Friday.", "why": "You can change the refund rule.", "sequence": 0, "seats": 1,
    "doing": "Take calls with Fay.", "hope": "One rule less.", "plan": "Listen, then take calls.",
    "reason": "The quarter's results come that day.", "comment": "Looking forward to it.", "number": 102,
    "job_title": "Head of finance", "phone": "+44 20 7946 0000", "external_id": "HR-1042",
    "update": "The batch runs daily from Monday.", "question": "May the limit be raised to 50?",
    "done": "The batch runs every hour.", "because": "The supplier delivers a week later.",
    "subject": "company", "message_id": "<reply-17@mail.example.com>", "sender": "ann@example.com",
    "status": 422, "type": "urn:floorday:problem:badinput", "detail": "Some of what was sent cannot be taken.",
    "instance": "/api/v1/teams", "field": "name", "outcome": "update-partstat", "fate": "sent", "next": None,
    "cursor": "MTAy", "q": "refund", "minutes_per_case": 12, "cases_per_month": 300, "uid": "0192f7@example.com",
    "acknowledge_days": 2, "word_days": 10, "fix_days": 30, "statement": "A refund takes one call.",
    "picture": "A refund takes one call.", "punishes": "Ringing a customer back until it is solved.",
    "reference": "JIRA-123", "url": "https://tracker.example/browse/JIRA-123", "label": "In the IT tracker",
    "link_pattern": "https://tracker.example/browse/{ref}", "contact_name": "Pia Ek",
    "words": "Please look at the label printers on floor 3.",
    "idea": "Pay out daily.", "fixed_like": "A refund is paid within a day.", "spared": [], "masked": ["card"],
}  # fmt: skip
"""One story told in the examples, by the field's name."""

DETAILS = {
    400: "What was sent cannot be read.", 401: "There is no token, or it is over.",
    403: "Visible, but not yours; or the token lacks the scope.", 404: "Not there, or hidden from you.",
    409: "A rule says no, or somebody was faster.", 413: "Too large.", 415: "Another kind of content is expected.",
    422: "Some fields cannot be taken; every one is named.", 503: "Busy; nothing was written.",
}  # fmt: skip


def document(app: Litestar, *, url: str) -> Schema:
    """Describe every door of the API."""
    doors = list(_doors(app))
    kinds = [Problem, *(kind for _p, _m, _h, told in doors for kind in (told.gives, told.takes, told.asks) if kind)]
    components = schemas.components(kinds)
    paths: Schema = {}
    for path, method, handler, told in doors:
        paths.setdefault(path, {})[method.lower()] = _operation(path, method, handler, told, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "floorday", "version": "1", "description": _(
            "The same things and the same acts as the pages, with the same rules. Send a token as a bearer.")},
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


def _doors(app: Litestar) -> Iterator[tuple[str, str, Any, Told]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(f"{PREFIX}/"):
            for handler in route.route_handlers:
                if (told := handler.opt.get(TOLD)) is not None:
                    for method in sorted(handler.http_methods - {"OPTIONS"}):
                        yield route.path_format, method, handler, told


def _operation(path: str, method: str, handler: Any, told: Told, components: Schema) -> Schema:
    refusals = {400, 401, 403, 422, 503} | ({404} if "{" in path else set())
    if method != "GET":
        refusals |= {404, 409, 413, 415}
    if told.refuses:
        refusals |= {409}
    success: Schema = {"description": _("As asked."), "content": {JSON: _shown(told.gives, components)}}
    if told.status == 200 and method == "GET":
        success["headers"] = {"ETag": {"schema": {"type": "string"}}}
    if told.status == 201:
        success["headers"] = {"Location": {"schema": {"type": "string"}}}
    problem = {PROBLEM: _shown(Problem, components)}
    responses: Schema = {str(told.status): success} | {
        str(code): {"description": DETAILS[code], "content": problem} for code in sorted(refusals)
    }
    if told.makes:
        made = {"description": _("Made."), "headers": {"Location": {"schema": {"type": "string"}}}}
        responses["201"] = success | made
    if method == "GET":
        responses["304"] = {"description": _("Nothing has changed since the ETag that was sent.")}
    name = handler.handler_name
    summary = (inspect.getdoc(handler.fn) or "").partition("\n")[0].removesuffix(".")
    found: Schema = {
        "operationId": name, "tags": [told.area], "summary": summary,
        "parameters": _parameters(path, method, told, components), "responses": responses,
    }  # fmt: skip
    if told.body != JSON:
        found["requestBody"] = {"required": True, "content": {told.body: {
            "schema": {"type": "string"},
            "example": "From: ann@example.com\r\nTo: day@example.com\r\nSubject: Accepted\r\n\r\nYes\r\n",
        }}}  # fmt: skip
    elif told.takes is not None:
        body = _shown(told.takes, components)
        taken = components[schemas.name_of(told.takes)]
        required = taken.get("required", [])
        for property_ in (taken["properties"][name] for name in required):
            if property_.get("type") == "string" and not {"format", "enum"} & property_.keys():
                property_["minLength"] = 1  # what has to be said is not said by blanks
        found["requestBody"] = {"required": bool(required), "content": {JSON: body}}
    return found


def _parameters(path: str, method: str, told: Told, components: Schema) -> list[Schema]:
    found: list[Schema] = []
    for name in re.findall(r"\{(\w+)\}", path):
        schema: Schema = {"type": "string", "format": "uuid"}
        if pattern := told.patterns.get(name):
            schema = {"type": "string", "pattern": pattern}
        found.append({"name": name, "in": "path", "required": True, "schema": schema,
                      "example": EXAMPLES.get(name, str(UUID(int=0x0192F7 << 100 | 7)))})  # fmt: skip
    if told.asks is not None:
        asked = components[schemas.name_of(told.asks)]
        for name, schema in asked["properties"].items():
            plain = {key: value for key, value in _one(schema).items() if key != "default"}
            found.append({"name": name, "in": "query", "required": name in asked["required"], "schema": plain,
                          "example": example(schema, components, name)})  # fmt: skip
    if method == "GET":
        found.append({"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    else:
        found.append({"name": "Idempotency-Key", "in": "header", "required": False,
                      "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST}})  # fmt: skip
    return found


def _one(schema: Schema) -> Schema:
    """Leave the null aside: a parameter that is not there is not sent."""
    kept = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    return kept[0] if len(kept) == 1 else schema


def _shown(kind: Any, components: Schema) -> Schema:
    schema = schemas.ref(kind)
    return {"schema": schema, "example": example(schema, components)}


def example(schema: Schema, components: Schema, name: str = "") -> Any:
    """Give something that a schema allows, as a person would write it."""
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components, name)
    if "anyOf" in schema:
        kept = [one for one in schema["anyOf"] if one != {"type": "null"}]
        if name in EXAMPLES and EXAMPLES[name] is None:
            return None
        return example(kept[0], components, name)
    if "enum" in schema:
        return next((one for one in schema["enum"] if one), schema["enum"][0])
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {key: example(one, components, key) for key, one in schema["properties"].items()}
        case "object":
            held = schema.get("additionalProperties")
            return {"days_held": example(held, components)} if isinstance(held, dict) else {}
        case "array":
            return [example(schema["items"], components, name.removesuffix("s"))]
        case "boolean":
            return False
        case "null":
            return None
        case "integer" | "number":
            told = EXAMPLES.get(name)
            return told if isinstance(told, (int, float)) else schema.get("minimum", 1)
        case _:
            return _word(schema, name)


def _word(schema: Schema, name: str) -> str:
    match schema.get("format"):
        case "uuid":
            return str(UUID(int=0x0192F7 << 100 | 7))
        case "date-time":
            return "2026-11-24T09:00:00Z"
        case "date":
            return "2026-11-24"
        case _:
            return str(EXAMPLES.get(name) or "words")


# --- the page --------------------------------------------------------------------------------------------------


def docs_router(*, url: str) -> Router:
    """Give the doors to the document and to its page; both are for everybody, and tell nothing of anybody."""

    @get("/openapi.json", media_type=JSON)
    async def openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Give the OpenAPI document."""
        told = msgspec.json.encode(document(request.app, url=url))
        return Response(told, media_type=JSON, headers={"cache-control": "public, max-age=300"})

    @get("/docs", media_type=MediaType.HTML)
    async def openapi_page(request: Request[Any, Any, Any]) -> Response[str]:
        """Show what the API can do."""
        told = document(request.app, url=url)
        return show(request, "api/docs.html", groups=_groups(told), ask=_ask(url))

    return Router(path=PREFIX, route_handlers=[openapi_document, openapi_page])


def _ask(url: str) -> str:
    return f'curl -H "Authorization: Bearer fd_..." {url}{PREFIX}/issues?turn=needs%20owner'


def _groups(told: Schema) -> list[tuple[str, list[Schema]]]:
    groups: dict[str, list[Schema]] = {}
    for path, methods in sorted(told["paths"].items()):
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append({
                "id": operation["operationId"], "method": method.upper(), "path": path,
                "summary": operation["summary"], "parameters": operation["parameters"],
                "sends": _pretty(operation.get("requestBody")),
                "gives": [(code, one["description"], _pretty(one)) for code, one in operation["responses"].items()
                          if code < "300"],
                "refuses": [(code, one["description"]) for code, one in operation["responses"].items()
                            if code >= "300"],
            })  # fmt: skip
    return list(groups.items())


def _pretty(held: Schema | None) -> str:
    if held is None:
        return ""
    kind, content = next(iter(held["content"].items()))
    shown = content["example"]
    if kind == JSON:
        shown = msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()
    return f"{shown}"
