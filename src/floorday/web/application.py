"""Litestar without what it would do at its start in case it is needed: a door is made ready when it is first used.

There are some four hundred doors, each with a second one for OPTIONS, and a process seldom needs more than a few
dozen. Litestar reads the signature of each when it is registered, makes models of it, and copies every router through
and through: 0.3 seconds and 9 MB before the first answer. What a door is, where it stands and who may go through it is
known at once, as before. A signature that Litestar cannot take is said at the first request, and by a test, which
makes every door ready.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Router
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.plugins.core import MsgspecDIPlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Empty

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler, Method

ONLY_HTTP = "Only handlers of HTTP are taken here."


class Application(Litestar):
    """An application whose doors are made ready one by one."""

    @staticmethod
    def _get_default_plugins(plugins: list[Any]) -> list[Any]:
        """Load nothing merely because it is installed: our Structs are msgspec's, and need one plugin."""
        return [*plugins, MsgspecDIPlugin()]

    def register(self, value: ControllerRouterHandler) -> None:  # type: ignore[override] - as Litestar's own
        """Take a router or a handler in; what belongs to no page or program is taken in by Litestar itself."""
        routes = Router.register(self, value)
        if not all(isinstance(route, HTTPRoute) for route in routes):
            raise ImproperlyConfiguredException(ONLY_HTTP)
        for route in routes:
            assert isinstance(route, HTTPRoute)
            route.route_handler_map = Doors(self, route)
        self.asgi_router.construct_routing_trie()

    def _validate_registration_value(self, value: ControllerRouterHandler) -> Any:
        """Take a copy of a router for this application, and of its handlers; what they are made of is the same."""
        if not isinstance(value, Router) or value is self:
            return super()._validate_registration_value(value)
        return _copied(value, self)


class Doors(dict["Method", tuple[HTTPRouteHandler, Any]]):
    """What answers on a route, by method; it is made ready when it is first asked for."""

    def __init__(self, app: Litestar, route: HTTPRoute) -> None:
        super().__init__()
        self.app, self.route = app, route
        for handler in route.route_handlers:
            handler.resolve_opts()  # the middleware reads them before the handler is called
            for method in handler.http_methods:
                if method in self:
                    raise ImproperlyConfiguredException(f"Two handlers answer {method} on {route.path}.")
                self[method] = handler, None

    def __getitem__(self, method: Method) -> tuple[HTTPRouteHandler, Any]:
        handler, model = super().__getitem__(method)
        if model is None:
            handler.on_registration(self.app)
            model = handler.create_kwargs_model(path_parameters=self.route.path_parameters)
            for each in handler.http_methods:
                self[each] = handler, model
        return handler, model


def _copied(router: Router, owner: Router) -> Router:
    """Copy a router, the routers in it and their handlers, for an owner."""
    copies: dict[int, Any] = {}

    def of(layer: Any) -> Any:
        if id(layer) not in copies:
            copies[id(layer)] = made = copy.copy(layer)
            made.owner = owner if layer is router else of(layer.owner)
            if isinstance(made, HTTPRouteHandler):  # how it answers is filled in later, for each of its own
                made._response_handler_mapping = {"default_handler": Empty, "response_type_handler": Empty}  # pyright: ignore[reportPrivateUsage]
        return copies[id(layer)]

    def placed(route: BaseRoute) -> HTTPRoute:
        if not isinstance(route, HTTPRoute):
            raise ImproperlyConfiguredException(ONLY_HTTP)
        made = copy.copy(route)
        made.route_handlers = [of(handler) for handler in route.route_handlers]
        made.route_handler_map = {}
        return made

    whole = of(router)
    whole.routes = [placed(route) for route in router.routes]
    return whole
