"""JSON Schema of our Structs: texts with their bounds, and an object takes no other fields than its own."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# A schema is JSON of any shape.

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any, get_args, get_origin

import msgspec
from msgspec import inspect as shapes

from floorday.db.text import Text

Schema = dict[str, Any]
REF = "#/components/schemas/"


def components(kinds: Iterable[Any]) -> Schema:
    """Describe these Structs, and every one they hold, by name."""
    found: Schema = {}
    for info in shapes.multi_type_info(list(kinds)):
        _schema(info, found)
    return found


def name_of(kind: Any) -> str:
    """Name a Struct: `Page[Team]` is a TeamPage."""
    held = "".join(name_of(one) for one in get_args(kind))
    return held + (get_origin(kind) or kind).__name__


def ref(kind: Any) -> Schema:
    """Point at a Struct."""
    return {"$ref": REF + name_of(kind)}


def _schema(info: Any, found: Schema) -> Schema:
    match info:
        case shapes.Metadata():
            return _schema(info.type, found)
        case shapes.StructType():
            if name_of(info.cls) not in found:
                found[name_of(info.cls)] = {}
                found[name_of(info.cls)] = _object(info, found)
            return ref(info.cls)
        case shapes.UnionType():
            return {"anyOf": [_schema(one, found) for one in info.types]}
        case shapes.ListType() | shapes.VarTupleType():
            return {"type": "array", "items": _schema(info.item_type, found)}
        case shapes.DictType():
            return {"type": "object", "additionalProperties": _schema(info.value_type, found)}
        case shapes.CustomType() if issubclass(info.cls, Text):
            shortest = {"minLength": info.cls.shortest} if info.cls.shortest else {}
            return {"type": "string", **shortest, "maxLength": info.cls.longest}
        case shapes.EnumType():
            return {"type": "string", "enum": [one.value for one in info.cls]}
        case shapes.LiteralType():
            return {"type": "string", "enum": list(info.values)}
        case shapes.IntType() | shapes.FloatType():
            bounds = {"minimum": info.ge, "maximum": info.le}
            kind = "integer" if isinstance(info, shapes.IntType) else "number"
            return {"type": kind} | {name: value for name, value in bounds.items() if value is not None}
        case shapes.AnyType():
            return {}
        case _:
            return dict(_PLAIN[type(info)])


_PLAIN: dict[Any, Schema] = {
    shapes.NoneType: {"type": "null"}, shapes.BoolType: {"type": "boolean"}, shapes.StrType: {"type": "string"},
    shapes.UUIDType: {"type": "string", "format": "uuid"},
    shapes.BytesType: {"type": "string", "contentEncoding": "base64"},
    shapes.DateType: {"type": "string", "format": "date"},
    shapes.DateTimeType: {"type": "string", "format": "date-time"},
}  # fmt: skip


def _object(info: shapes.StructType, found: Schema) -> Schema:
    fields: Schema = {}
    for field in info.fields:
        fields[field.encode_name] = _schema(field.type, found)
        if field.default is not msgspec.NODEFAULT:
            default = field.default
            fields[field.encode_name] |= {"default": str(default) if isinstance(default, str) else default}
    required = [field.encode_name for field in info.fields if field.required]
    return {
        "type": "object", "description": inspect.getdoc(get_origin(info.cls) or info.cls) or "", "properties": fields,
        "required": required, "additionalProperties": False,
    }  # fmt: skip
