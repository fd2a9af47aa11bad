"""The JSON Schemas of requests and replies: pydantic's, and what the wire rules ask besides."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from paydesk.kit.fields import BLANK_SCHEMA, NOT_BLANK_PATTERN, Body

Schema = dict[str, Any]
COMPONENTS = "#/components/schemas/"
_LONG_NAME = re.compile(r"paydesk__([a-z]+)\w*__([A-Z]\w*)")
_NOTHING = ({"type": "null"}, dict(BLANK_SCHEMA))


class _Generator(GenerateJsonSchema):
    """Pydantic's generator without its noise, and with the members that may not be missing."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and "enum" not in inner and "const" not in inner:
            return {**inner, "type": [inner["type"], "null"]}
        return {"anyOf": [inner, {"type": "null"}]}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        made.pop("additionalProperties", None)
        model = schema["cls"]
        return _with_required(made, model) if issubclass(model, Body) else made

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        made = super().typed_dict_schema(schema)
        made.pop("title", None)
        return made


def schemas(
    bodies: Iterable[type[BaseModel]], replies: Iterable[Any]
) -> tuple[dict[Any, Schema], dict[str, Schema]]:
    """The schema of each of these types, and the components they refer to."""
    inputs: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((body, "validation", TypeAdapter(body)) for body in bodies),
        *((reply, "serialization", TypeAdapter(reply)) for reply in replies),
    ]
    made, rest = TypeAdapter.json_schemas(
        inputs, ref_template=COMPONENTS + "{model}", schema_generator=_Generator
    )
    components: dict[str, Schema] = {}
    by_type = {type_: _hoisted(schema, components) for (type_, _), schema in made.items()}
    for name, schema in rest.get("$defs", {}).items():
        components[name] = _hoisted(schema, components)
    named: tuple[dict[Any, Schema], dict[str, Schema]] = _renamed((by_type, components))
    return named


def _renamed(made: Any) -> Any:
    """The same with pydantic's long names for types that share a name made readable.

    `paydesk__orders__wire__ItemReply` → `OrdersItemReply`.
    """
    if isinstance(made, str):
        return _LONG_NAME.sub(lambda found: found[1].capitalize() + found[2], made)
    if isinstance(made, list | tuple):
        return type(made)(map(_renamed, made))
    if isinstance(made, dict):
        return {_renamed(key): _renamed(part) for key, part in made.items()}
    return made


def _with_required(schema: Schema, model: type[Body]) -> Schema:
    members = schema.get("properties", {})
    alone = [one for one in model.REQUIRED if isinstance(one, str)]
    for name in alone:
        members[name] = _given(members[name])
    choices = [
        {"anyOf": [_has(name, members[name]) for name in one]}
        for one in model.REQUIRED
        if not isinstance(one, str)
    ]
    return {
        **schema,
        **({"required": alone} if alone else {}),
        **({"allOf": choices} if choices else {}),
    }


def _has(name: str, schema: Mapping[str, Any]) -> Schema:
    return {"required": [name], "properties": {name: _given(schema)}}


def _given(schema: Mapping[str, Any]) -> Schema:
    """The schema without what is as good as nothing: null, and a blank text."""
    if "anyOf" in schema:
        forms = [form for form in schema["anyOf"] if form not in _NOTHING]
        return dict(forms[0]) if len(forms) == 1 else {**schema, "anyOf": forms}
    if schema.get("type") == ["string", "null"]:
        return {**schema, "type": "string", "pattern": NOT_BLANK_PATTERN}
    if schema.get("type") == ["array", "null"]:
        return {**schema, "type": "array", "minItems": 1}
    kinds = schema.get("type")
    return {**schema, "type": kinds[0]} if isinstance(kinds, list) else dict(schema)


def _hoisted(schema: Any, components: dict[str, Schema]) -> Any:
    """The schema with each titled part of it made a component of that name."""
    if isinstance(schema, list):
        return [_hoisted(part, components) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _hoisted(part, components) for key, part in schema.items()}
    title = made.get("title")
    if not isinstance(title, str):
        return made
    components[title] = {key: part for key, part in made.items() if key != "title"}
    return {"$ref": COMPONENTS + title}
