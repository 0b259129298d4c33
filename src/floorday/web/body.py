"""What was sent, read once and strictly: bounded, UTF-8, not nested without end."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.utils.scope.state import ScopeState

from floorday.render.words import gettext as _

BRACKETS = 200
FIELDS = 2000


async def read(request: Request[Any, Any, Any]) -> FormMultiDict:
    """Read the body and return its form (empty for JSON); the handler finds both already read."""
    kind, _options = request.content_type
    if kind == RequestEncodingType.MULTI_PART:
        return await _multipart(request)
    raw = await request.body()
    if kind == RequestEncodingType.URL_ENCODED:
        return _urlencoded(request, raw)
    if kind.endswith("json"):
        _check_json(raw)
    return FormMultiDict()


async def _multipart(request: Request[Any, Any, Any]) -> FormMultiDict:
    try:
        return await request.form()
    except UnicodeDecodeError:
        raise _not_text() from None


def _urlencoded(request: Request[Any, Any, Any], raw: bytes) -> FormMultiDict:
    """Decode a form strictly: Litestar's own reader replaces what is not UTF-8 and remembers bodies."""
    if raw.count(b"&") > FIELDS:
        raise ClientException(_("This form has too many fields."))
    fields: dict[str, Any] = {}
    for pair in filter(None, raw.split(b"&")):
        name, _equals, value = pair.partition(b"=")
        fields.setdefault(_decoded(name), []).append(_decoded(value))
    ScopeState.from_scope(request.scope).form = {
        name: values if len(values) > 1 else values[0] for name, values in fields.items()
    }
    return FormMultiDict([(name, value) for name, values in fields.items() for value in values])


def _decoded(piece: bytes) -> str:
    try:
        return unquote_to_bytes(piece.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise _not_text() from None


def _check_json(raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_text() from None
    if raw.count(b"[") + raw.count(b"{") <= BRACKETS:
        return
    try:
        msgspec.json.decode(raw)
    except RecursionError:
        raise ClientException(_("This is nested too deeply to be read.")) from None
    except msgspec.DecodeError:
        raise ClientException(_("This is not JSON.")) from None


def _not_text() -> ClientException:
    return ClientException(_("Some of what was sent is not text in UTF-8."))
