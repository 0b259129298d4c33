"""Doors are made ready when they are first used, and are then what Litestar makes of them at its start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.routes import HTTPRoute

from floorday.app import create_app, routers
from floorday.people import actions as people
from floorday.web import Frame, app_parts
from floorday.web.application import Application


async def nobody(_hashed: str, _now: Any) -> None:
    return None


def parts() -> dict[str, Any]:
    made = app_parts(load=nobody, frame_of=lambda _actor: Frame(), keys=people.FormKeys())
    return {
        "route_handlers": [*routers(), *made.route_handlers], "middleware": list(made.middleware),
        "exception_handlers": made.exception_handlers, "dependencies": made.dependencies, "openapi_config": None,
        "request_max_body_size": made.request_max_body_size,
    }  # fmt: skip


def doors(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler, Any]]:
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for method in route.methods:
            handler, model = route.route_handler_map[method]
            yield route.path, method, handler, model


def told(handler: HTTPRouteHandler, model: Any) -> dict[str, Any]:
    """Say what is known of a door once it is ready."""
    fields = {one: sorted(param.field_name for param in getattr(model, f"expected_{one}"))
              for one in ("path_params", "query_params", "cookie_params", "header_params")}  # fmt: skip
    layers = [type(layer).__name__.replace("Application", "Litestar") for layer in handler.ownership_layers]
    return fields | {
        "handler": str(handler), "layers": layers, "opt": handler.opt, "status": handler.status_code,
        "media": handler.media_type, "reserved": sorted(model.expected_reserved_kwargs),
        "form": str(model.expected_form_data), "given": sorted(handler.resolve_dependencies()),
        "guards": [str(guard) for guard in handler.resolve_guards()], "middleware": len(handler.resolve_middleware()),
        "body": handler.resolve_request_max_body_size(), "told": handler.resolve_include_in_schema(),
        "needs": [sorted(one.key for one in batch) for batch in model.dependency_batches],
        "asked": str(handler.parsed_fn_signature.parameters), "gives": str(handler.parsed_fn_signature.return_type.raw),
    }  # fmt: skip


def test_every_door_can_be_made_ready_and_is_then_what_litestar_makes_of_it() -> None:
    ours, theirs = Application(**parts()), Litestar(**parts())
    lazily = {(path, method): told(handler, model) for path, method, handler, model in doors(ours)}
    eagerly = {(path, method): told(handler, model) for path, method, handler, model in doors(theirs)}
    assert len(lazily) > 600
    assert lazily == eagerly


def test_nothing_is_made_ready_before_it_is_asked_for() -> None:
    app = create_app()
    ready = [model for route in app.routes if isinstance(route, HTTPRoute)
             for _handler, model in route.route_handler_map.values() if model is not None]  # fmt: skip
    assert len(app.routes) > 300
    assert ready == []


def said(word: str) -> Provide:
    def greeting() -> str:
        return word

    return Provide(greeting, sync_to_thread=False)


async def test_a_router_serves_several_applications_each_with_its_own_layers() -> None:
    @get("/{name:str}", sync_to_thread=False)
    def greet(name: FromPath[str], greeting: NamedDependency[str]) -> Response[str]:
        return Response(f"{greeting} {name}")

    @post("/{name:str}", sync_to_thread=False)
    def keep(name: FromPath[str]) -> dict[str, str]:
        return {"kept": name}

    shared = Router("/outer", route_handlers=[Router("/inner", route_handlers=[greet, keep])])
    for word in ("Hello", "Hi"):
        app = Application([shared], dependencies={"greeting": said(word)}, openapi_config=None)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            assert (await client.get("/outer/inner/Ann")).text == f"{word} Ann"
            assert (await client.post("/outer/inner/Ann")).json() == {"kept": "Ann"}
            assert (await client.options("/outer/inner/Ann")).status_code == 204
            assert (await client.put("/outer/inner/Ann")).status_code == 405
            assert (await client.get("/outer/inner")).status_code == 404
    assert shared.owner is None


def test_two_handlers_for_the_same_are_refused() -> None:
    @get("/same", sync_to_thread=False)
    def one() -> str:
        return "one"

    @get("/same", sync_to_thread=False)
    def other() -> str:
        return "other"

    with pytest.raises(ImproperlyConfiguredException):
        Application([one, other], openapi_config=None)
