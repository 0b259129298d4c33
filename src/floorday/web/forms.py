"""Forms: from what a browser sends to a Struct, with one sentence for every field that is wrong.

try:
    wanted = await read_form(request, NewShift)
except BadInput as wrong:
    return show(request, "shifts/new.html", status=422, form=again(wrong))
"""

from __future__ import annotations

import re
import types
import typing
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from msgspec import Struct

from floorday.db.text import dec_hook
from floorday.errors import BadInput
from floorday.render.words import gettext as _

T = TypeVar("T", bound=Struct)
Day = TypeVar("Day", date, datetime)

FIRST_YEAR, LAST_YEAR = 1990, 2199
"""A date outside is a slip of the finger, and near the ends of the calendar no zone can be reckoned with."""

WHOLE = "__all__"
"""Where a sentence about the form as a whole is kept."""


class Form(Struct, frozen=True):
    """What a form shows: what was typed, and what is wrong with it."""

    values: dict[str, Any] = {}
    errors: dict[str, str] = {}

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        held = self.values.get(name)
        if isinstance(held, list | tuple):
            held = typing.cast("list[Any]", held)[0] if held else None
        if isinstance(held, datetime):
            return held.strftime("%Y-%m-%dT%H:%M")
        return "" if held is None else str(held)

    def chosen(self, name: str, option: object) -> bool:
        """Say whether an option is chosen, or a box with this value ticked."""
        held = self.values.get(name)
        if isinstance(held, list | tuple | set | frozenset):
            return str(option) in {str(one) for one in typing.cast("list[Any]", held)}
        return held is not None and str(held) == str(option)

    def ticked(self, name: str) -> bool:
        """Say whether a single box is ticked."""
        return self.values.get(name) in (True, "on", "true", "yes", "1")

    def error(self, name: str) -> str:
        """Return what is wrong with a field, or nothing."""
        return self.errors.get(name, "")


def blank(**values: Any) -> Form:
    """Show a form for the first time, with what is known already."""
    return Form(values=values)


def again(wrong: BadInput) -> Form:
    """Show a form again with what was typed and every field's sentence."""
    return Form(values=wrong.values, errors=wrong.fields or {WHOLE: str(wrong)})


async def read_form(request: Request[Any, Any, Any], kind: type[T], *, zone: str | None = None) -> T:
    """Read a form into a Struct; raise BadInput with every field's sentence and all that was typed.

    A date and time is local: with a `zone` it comes back in UTC, without one as it was typed (see `in_zone`).
    """
    return parse(kind, await request.form(), zone=zone)


def parse(kind: type[T], form: FormMultiDict, *, zone: str | None = None) -> T:
    """Decode a form that has been read already."""
    hints = get_type_hints(kind, include_extras=True)
    typed: dict[str, Any] = {}
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        shape = _shape(hints[field.name])
        key = field.encode_name
        sent: list[Any] = form.getall(key, [])
        typed[key] = [one for one in sent if isinstance(one, str)] if shape.many else _shown(sent)
        try:
            given = _given(sent, shape, zone)
            if given is None:
                if field.required:
                    raise ValueError(_("Please fill this in."))
                continue
            values[field.name] = _convert(given, hints[field.name])
        except ValueError as wrong:
            errors[key] = sentence(str(wrong))
    if not errors:
        try:
            return kind(**values)
        except BadInput as wrong:
            errors = wrong.fields or {WHOLE: str(wrong)}
        except ValueError as wrong:
            errors = {WHOLE: str(wrong)}
    raise BadInput(_("Please look at the marked fields."), fields=errors, values=typed)


def in_zone(local: datetime, zone: str) -> datetime:
    """Take a date and time as the clocks of a zone show it, and return it in UTC.

    In the hour that comes twice the first one is meant; the hour that is left out is refused.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    there = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if there.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise ValueError(_("The clocks go forward that night, so this time does not exist. Please choose another."))
    return there


class _Shape(Struct, frozen=True):
    leaf: Any
    many: bool = False


def _shape(hint: Any) -> _Shape:
    """Look through Annotated, Optional and lists at what one value is."""
    while get_origin(hint) is typing.Annotated:
        hint = get_args(hint)[0]
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _shape(next(one for one in get_args(hint) if one is not types.NoneType))
    if (origin or hint) in (list, set, tuple, frozenset):
        inner = get_args(hint)
        return _Shape(_shape(inner[0]).leaf if inner else str, many=True)
    return _Shape(hint)


def _given(sent: list[Any], shape: _Shape, zone: str | None) -> Any:
    if shape.leaf is bool and not shape.many:
        return bool(sent) and str(sent[-1]).strip().lower() in {"on", "true", "yes", "1"}
    kept = [_one(value, shape.leaf, zone) for value in sent if not _empty(value)]
    if shape.many:
        return kept or None
    return kept[0] if kept else None


def _empty(value: Any) -> bool:
    if isinstance(value, UploadFile):
        return not value.filename
    return not str(value).strip()


def _shown(sent: list[Any]) -> str:
    return sent[0] if sent and isinstance(sent[0], str) else ""


def _one(value: Any, leaf: Any, zone: str | None) -> Any:
    if leaf is UploadFile:
        if not isinstance(value, UploadFile):
            raise ValueError(_("Please choose a file."))
        return value
    if not isinstance(value, str):
        raise ValueError(_("Please type this instead of sending a file."))
    text = value.replace("\r\n", "\n").strip()
    if leaf is datetime:
        local = _of_our_time(_read(datetime.fromisoformat, text, _("Please give a date and a time.")))
        return in_zone(local, zone) if zone else local
    if leaf is date:
        return _of_our_time(_read(date.fromisoformat, text, _("Please give a date, like 2026-11-24.")))
    if leaf is time:
        clock: time = _read(time.fromisoformat, text, _("Please give a time, like 09:30."))
        if clock.tzinfo is not None:
            raise ValueError(_("Please give a time, like 09:30."))
        return clock
    if leaf is str and any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in text):
        raise ValueError(_("There is a sign in this text that cannot be kept."))
    return text


def _of_our_time(day: Day) -> Day:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(_("There is nothing in that year."))
    return day


def _read(how: Callable[[str], Any], text: str, otherwise: str) -> Any:
    try:
        return how(text)
    except ValueError:
        raise ValueError(otherwise) from None


def _convert(given: Any, hint: Any) -> Any:
    if _shape(hint).leaf is UploadFile:
        return given
    return msgspec.convert(given, hint, strict=False, dec_hook=dec_hook)


def sentence(said: str) -> str:
    """Turn msgspec's words into ours; a sentence from one of our own types stays."""
    said = said.partition(" - at `")[0]
    for pattern, sentence in _translations():
        if found := re.match(pattern, said):
            return sentence % found.groupdict() if found.groupdict() else sentence
    return said


def _translations() -> list[tuple[str, str]]:
    return [
        (r"Expected `(str|array)` of length >= (?P<n>\d+)", _("At least %(n)s, please.")),
        (r"Expected `str` of length <= (?P<n>\d+)", _("At most %(n)s characters, please.")),
        (r"Expected `array` of length <= (?P<n>\d+)", _("At most %(n)s, please.")),
        (r"Expected `str` matching", _("This does not look right.")),
        (r"Expected `(int|float|decimal)` >= (?P<n>\S+)", _("%(n)s or more, please.")),
        (r"Expected `(int|float|decimal)` <= (?P<n>\S+)", _("%(n)s or less, please.")),
        (r"Expected `int", _("Please give a whole number.")),
        (r"Expected `(float|decimal)|Invalid decimal", _("Please give a number.")),
        (r"Invalid (enum value|UUID)|Expected `uuid`", _("Please choose one of the list.")),
        (r"Expected `|Invalid ", _("This cannot be read.")),
    ]
