"""What the doors of a team's room share: whose desk a computer is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response

from floorday.errors import NotFound
from floorday.people import actions as people_actions
from floorday.people.access import Device, DeviceKind
from floorday.render.words import gettext as _
from floorday.web import DESK, carried

Asked = Request[Any, Any, Any]
Shown = Response[Any]


async def at_desk(request: Asked, *, now: datetime) -> Device:
    """Say whose desk this computer is, or raise NotFound."""
    key = carried(request, DESK)
    device = await people_actions.load_device(key, DeviceKind.DESK, now=now) if key else None
    if device is None:
        raise NotFound(_("This computer is no team's desk. The team's lead makes it one under Settings."))
    return device
