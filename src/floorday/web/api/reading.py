"""What a program sends, read strictly: every field's error at once, and nothing that is not asked for."""

from __future__ import annotations

import types
import typing
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, HTTPException
from msgspec import Struct
from msgspec.structs import FieldInfo

from floorday.db.text import ExternalId, dec_hook
from floorday.errors import BadInput
from floorday.render.words import gettext as _
from floorday.web.api.telling import MAIL
from floorday.web.forms import FIRST_YEAR, LAST_YEAR, WHOLE, sentence

T = TypeVar("T", bound=Struct)
Asked = Request[Any, Any, Any]


class Nothing(Struct, frozen=True):
    """There is nothing to say beside the act itself."""


class External(Struct, frozen=True):
    """What another program calls it; null takes that away."""

    external_id: ExternalId | None


class ExternalQuery(Struct, frozen=True):
    """What another program calls it."""

    external_id: ExternalId


async def read_json(request: Asked, kind: type[T]) -> T:
    """Read a JSON object into a Struct; an empty body is an object without fields."""
    raw = await request.body()
    if raw:
        _must_be(request, "json")
    try:
        sent: Any = msgspec.json.decode(raw) if raw else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ClientException(_("This is not JSON.")) from None
    if not isinstance(sent, dict):
        raise BadInput(_("Please send an object."), fields={WHOLE: _("Please send an object.")})
    return _converted(kind, typing.cast("dict[str, Any]", sent), strict=True)


def read_query(request: Asked, kind: type[T]) -> T:
    """Read what stands behind the question mark into a Struct."""
    sent: dict[str, Any] = {}
    twice: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in sent:
            twice[name] = _("Give this once.")
        sent[name] = value
    return _converted(kind, sent, strict=False, errors=twice)


async def read_raw(request: Asked, *, most: int) -> bytes:
    """Read a mail as it came."""
    _must_be(request, MAIL)
    raw = await request.body()
    if not raw.strip() or len(raw) > most:
        wrong = _("There is no mail in it.") if not raw.strip() else _("%(n)s octets are the most.", n=most)
        raise BadInput(wrong, fields={WHOLE: wrong})
    return raw


def _must_be(request: Asked, kind: str) -> None:
    if not request.content_type[0].endswith(kind):
        raise HTTPException(status_code=415, detail=_("Please send this as %(kind)s.", kind=(
            kind if "/" in kind else f"application/{kind}")))  # fmt: skip


def _converted(kind: type[T], sent: dict[str, Any], *, strict: bool, errors: dict[str, str] | None = None) -> T:
    wrong = dict(errors or {})
    hints, fields = _fields(kind)
    for name in sent.keys() - fields.keys():
        wrong[name[:100]] = _("There is no such field here.")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in sent:
            if field.required:
                wrong[name] = _("Please fill this in.")
            continue
        try:
            values[field.name] = _of_our_time(
                msgspec.convert(sent[name], hints[field.name], strict=strict, dec_hook=dec_hook))
        except ValueError as error:
            wrong.setdefault(name, _told(str(error), hints[field.name]))
        else:
            if strict and field.required and isinstance(sent[name], str) and not sent[name].strip():
                wrong[name] = _("Please fill this in.")
    if wrong:
        raise BadInput(_("Some of what was sent cannot be taken."), fields=dict(sorted(wrong.items())))
    return kind(**values)


@lru_cache(maxsize=256)
def _fields(kind: type[Struct]) -> tuple[dict[str, Any], dict[str, FieldInfo]]:
    """Give what a Struct's fields take, by their names here, and the fields by the names that are sent."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    return get_type_hints(kind, include_extras=True), fields


def _of_our_time(value: Any) -> Any:
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(_("There is nothing in that year."))
    return value


def _told(said: str, hint: Any) -> str:
    """Say what a field takes where it takes one of a few words, or a moment."""
    leaf = _leaf(hint)
    if isinstance(leaf, type) and issubclass(leaf, datetime):
        return _("Please give a moment with its offset, like 2026-11-24T09:00:00Z.")
    if isinstance(leaf, type) and issubclass(leaf, date):
        return _("Please give a date, like 2026-11-24.")
    return sentence(said)


def _leaf(hint: Any) -> Any:
    while get_origin(hint) is typing.Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (typing.Union, types.UnionType):
        return _leaf(next(one for one in get_args(hint) if one is not types.NoneType))
    return hint
