"""The OpenAPI document: every operation of the API as data, made from what serves it.

Nothing is told here that the program does not use: routes, rules, replies and refusals come from
`web/api/table.py`. What OpenAPI can't say of a rule stays in docs/errors.md.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from functools import cache
from typing import Any

from paydesk import VERSION, limits, lookups, payments
from paydesk.db.once import IdempotencyKeyReused, RequestInFlight
from paydesk.errors import DatabaseAway, Kind, Refusal
from paydesk.kit import json
from paydesk.merchants import KeyInvalid
from paydesk.web.api.errors import (
    CODES,
    OUR_FAULT,
    BodyHoldsNul,
    BodyNumberTooLong,
    BodyTooDeep,
    BodyUnreadable,
    IdempotencyKeyInvalid,
    KeyReadOnly,
    MediaTypeUnsupported,
    RateExceeded,
    SectionForbidden,
)
from paydesk.web.api.operation import Operation
from paydesk.web.api.table import OPERATIONS
from paydesk.web.body import BodyTooLarge
from paydesk.web.reference.schemas import COMPONENTS, Schema, schemas

_INTRODUCTION = """\
Hosted checkouts, orders, customers and transactions over HTTP.

Authenticate with HTTP Basic: the API key is the user name, the API secret the password. Whether a
call is test or live follows from the key. Unknown members of a body are ignored, except where money
is moved: captures, voids and refunds refuse them. So do lists unknown filters.

A member that is null, or a text that is blank, counts as not given; in an update it clears what it
names. Amounts are decimal text; only a transaction's `amount` and an item's tax and discount are
numbers.

A field that names a lookup has two spellings: `currency_lookups_id` with the lookup's id, or
`currency` with its enum. Of an enum neither capitals nor blanks or hyphens for underscores matter.
"""

# What the first part of a path is about.
_TAGS: Mapping[str, tuple[str, str]] = {
    "checkout": ("Checkouts", "Pages on which one order can be paid."),
    "orders": ("Orders", "What is sold."),
    "customers": ("Customers", "Who buys."),
    "cards": ("Cards", "Cards that their payers had saved."),
    "payments": ("Payments", "Instructions to charge saved cards, once or by a schedule."),
    "transactions": ("Transactions", "Attempts to move money, and what can be done about them."),
    "invoices": ("Invoices", "Tax invoices, receipts and credit notes, as they were issued."),
    "events": ("Events", "What happened, to be asked for."),
    "webhooks": ("Webhooks", "What was sent, how that went, and sending it again."),
    "webhook-endpoints": ("Webhook endpoints", "Who hears of all of the account's events."),
    "webhook-secret": ("Webhook secret", "What signs for the account's notify_urls and forms."),
    "merchant": ("Merchant", "The account's own record."),
    "lookups": ("Lookups", "The closed lists that other calls name things from."),
    "payment-methods": ("Payment methods", "The account's ways to pay."),
}
_ID_PREFIXES = {
    "checkout": "chk",
    "orders": "ord",
    "customers": "cus",
    "cards": "crd",
    "payments": "pay",
    "transactions": "tra",
    "invoices": "inv",
    "webhooks": "web",
    "webhook-endpoints": "whe",
}

_IN_QUERIES = (Kind.URL,)
_IN_BODIES = (Kind.PARAMETERS, Kind.LOOKUP, Kind.INVALID)


@cache
def document() -> bytes:
    """The whole document as JSON; made once."""
    return json.write(_document(OPERATIONS))


def _document(operations: Iterable[Operation]) -> Schema:
    operations = tuple(operations)
    by_type, components = schemas(
        {one for op in operations for one in (op.body, op.query) if one is not None},
        {op.reply for op in operations},
    )
    paths: defaultdict[str, Schema] = defaultdict(dict)
    for operation in operations:
        told = _operation(operation, by_type, components)
        paths[operation.path][operation.method.lower()] = told
    _link(paths, operations)
    in_queries = {op.query.__name__ for op in operations if op.query is not None}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Paydesk", "version": VERSION, "description": _INTRODUCTION},
        "servers": [{"url": "/"}, {"url": "/1.0"}],
        "security": [{"key": []}],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.values()],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "User name: the API key. Password: the API secret.",
                }
            },
            "parameters": {"IdempotencyKey": _idempotency_key()},
            "headers": _headers(),
            "schemas": {"Error": _error(), **_but(components, in_queries)},
        },
    }


def _but(components: Mapping[str, Schema], names: Container[str]) -> Schema:
    return {name: one for name, one in sorted(components.items()) if name not in names}


def _operation(
    operation: Operation, by_type: Mapping[Any, Schema], components: Mapping[str, Schema]
) -> Schema:
    told: Schema = {
        "operationId": _operation_id(operation),
        "tags": [tag(operation)],
        "summary": operation.summary,
        "description": _description(operation),
        "responses": {
            "200": _success(operation, by_type[operation.reply]),
            **_refused(operation),
        },
    }
    parameters = [
        *(_path_parameter(operation, name) for name in re.findall(r"{(\w+)}", operation.path)),
        *_query_parameters(operation, by_type, components),
        *([_ref("parameters", "IdempotencyKey")] if operation.writes else []),
    ]
    if parameters:
        told["parameters"] = parameters
    if operation.body is not None:
        told["requestBody"] = _request(operation, by_type[operation.body])
    return told


def tag(operation: Operation) -> str:
    """The name of the group that the operation is shown in."""
    return _TAGS[_first_part(operation)][0]


def _operation_id(operation: Operation) -> str:
    words = re.findall(r"[a-z]+", operation.path)
    return "_".join([operation.method.lower(), *words])


def _first_part(operation: Operation) -> str:
    return operation.path.split("/")[1]


def _description(operation: Operation) -> str:
    """What the verb's docstring says of it, and which key it takes."""
    first = (operation.verb.__doc__ or "").split("\n\n")
    deed = re.sub(r"^`[A-Z]+ [^`]+`[.:]?\s*", "", " ".join(first[0].split()))
    needs = (
        "Every key may call this."
        if operation.section is None
        else f"Needs a key with the section {operation.section}."
    )
    return "\n\n".join(filter(None, [deed[:1].upper() + deed[1:], needs]))


# What is sent


def _path_parameter(operation: Operation, name: str) -> Schema:
    schema: Schema = {"type": "string", "minLength": 1, "maxLength": limits.TEXT_LENGTH_MAX}
    prefix = _ID_PREFIXES.get(_first_part(operation))
    if name == "status":
        schema = {"type": "string", "enum": [*payments.STEPS]}
    elif name == "type":
        schema = {"type": "string", "enum": sorted({one.type for one in lookups.all_lookups()})}
    elif name == "id" and prefix is not None:
        schema = {"type": "string", "pattern": f"^{prefix}_[0-9a-z]{{26}}$"}
        schema["examples"] = [f"{prefix}_01m82g11arfxf8k9wvpxx2a2aw"]
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(
    operation: Operation, by_type: Mapping[Any, Schema], components: Mapping[str, Schema]
) -> list[Schema]:
    if operation.query is None:
        return []
    schema = by_type[operation.query]
    if "$ref" in schema:
        schema = components[schema["$ref"].removeprefix(COMPONENTS)]
    return [
        {"name": name, "in": "query", "schema": _in_query(member)}
        for name, member in schema["properties"].items()
    ]


def _in_query(schema: Schema) -> Schema:
    """The member as a query can say it: there is no null in a query."""
    if isinstance(schema.get("type"), list):
        return {**schema, "type": schema["type"][0]}
    if "anyOf" not in schema:
        return schema
    forms = [form for form in schema["anyOf"] if form != {"type": "null"}]
    return forms[0] if len(forms) == 1 else {**schema, "anyOf": forms}


def _request(operation: Operation, record: Schema) -> Schema:
    schema = record
    if operation.is_batch:
        records = {
            "type": "array",
            "minItems": 1,
            "maxItems": limits.BATCH_RECORDS_MAX,
            "items": record,
        }
        batch = {"type": "object", "required": ["records"], "properties": {"records": records}}
        # `records: true` of no schema keeps a body from being both.
        alone = {"allOf": [record, {"not": {"required": ["records"]}}]}
        schema = {"anyOf": [batch, alone]}
    content: Schema = {"schema": schema}
    if operation.example is not None:
        content["example"] = dict(operation.example)
    return {
        "required": not operation.may_be_empty,
        "content": {"application/json": content},
    }


def _idempotency_key() -> Schema:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key and body again get the first answer, and have no effect.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": limits.IDEMPOTENCY_KEY_LENGTH_MAX,
            "pattern": r"^[\x20-\x7e]+$",
        },
    }


# What is answered


def _success(operation: Operation, reply: Schema) -> Schema:
    members: Schema = {"status": {"type": "boolean", "const": True}, operation.key: reply}
    if operation.is_list:
        members["next_cursor"] = {"type": ["string", "null"]}
    schema = {
        "type": "object",
        "required": list(members),
        "properties": members,
        "additionalProperties": False,
    }
    told: Schema = {
        "description": "Done." if operation.writes else "Found.",
        "content": {"application/json": {"schema": schema}},
    }
    if operation.writes:
        told["headers"] = {"Idempotent-Replayed": _ref("headers", "Idempotent-Replayed")}
    return told


def _refused(operation: Operation) -> Schema:
    """The answers other than success, by status, each with the refusals that lead there."""
    by_status: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for kind, sentence in _sentences(operation):
        code = CODES[kind]
        entry = (f"{code.code} {code.message}", sentence)
        if entry not in by_status[code.status]:
            by_status[code.status].append(entry)
    by_status[OUR_FAULT.status].append((f"{OUR_FAULT.code} {OUR_FAULT.message}", ""))
    return {str(status): _error_reply(by_status[status]) for status in sorted(by_status)}


def _sentences(operation: Operation) -> Iterable[tuple[Kind, str]]:
    """Why a call may be refused, and what the caller is told."""
    for refusal in _refusals(operation):
        yield refusal.kind, f"`{refusal.rule()}`: {refusal.sentence()}"
    kinds: tuple[Kind, ...] = ()
    if operation.body is not None:
        kinds += _IN_BODIES
    if operation.query is not None:
        kinds += _IN_QUERIES
    for kind in kinds:
        yield kind, ""


def _refusals(operation: Operation) -> Iterable[type[Refusal]]:
    yield KeyInvalid
    if operation.section is not None:
        yield SectionForbidden
    yield RateExceeded
    yield DatabaseAway
    if operation.writes:
        yield from (KeyReadOnly, BodyTooLarge)
        yield from (IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInFlight)
    if operation.body is not None:
        yield from (MediaTypeUnsupported, BodyUnreadable)
        yield from (BodyTooDeep, BodyHoldsNul, BodyNumberTooLong)
    yield from operation.refusals


def _error_reply(entries: list[tuple[str, str]]) -> Schema:
    lines = []
    for code in dict(entries):
        sentences = [f"- {sentence}" for one, sentence in entries if one == code and sentence]
        lines.append("\n".join([code, *([""] if sentences else []), *sentences]))
    codes = sorted({code[:3] for code, _ in entries})
    one_of_these = {"type": "object", "properties": {"error_code": {"enum": codes}}}
    told: Schema = {
        "description": "\n\n".join(lines),
        "content": {
            "application/json": {
                "schema": {"allOf": [{"$ref": COMPONENTS + "Error"}, one_of_these]}
            }
        },
    }
    waits = {CODES[Kind.LIMITED].code, CODES[Kind.UNAVAILABLE].code}
    if waits & set(codes):
        told["headers"] = {"Retry-After": _ref("headers", "Retry-After")}
    return told


def _error() -> Schema:
    fault = {
        "type": "object",
        "required": ["message", "rule"],
        "properties": {"message": {"type": "string"}, "rule": {"type": "string"}},
        "additionalProperties": False,
    }
    detail = {
        "type": "object",
        "required": ["record", "errors"],
        "properties": {
            "record": {"type": "object", "description": "The record as it was sent."},
            "errors": {
                "type": "object",
                "description": "What is wrong, by the record's own dot paths.",
                "additionalProperties": fault,
            },
        },
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["status", "error_code", "error_message", "error_details"],
        "properties": {
            "status": {"type": "boolean", "const": False},
            "error_code": {"type": "string", "pattern": "^[0-9]{3}$"},
            "error_message": {"type": "string", "maxLength": 32},
            "error_details": {"type": "array", "items": detail},
        },
    }


def _headers() -> Schema:
    return {
        "Idempotent-Replayed": {
            "description": "true where this is the first answer, given again.",
            "schema": {"type": "string", "const": "true"},
        },
        "Retry-After": {
            "description": "Ask again after so many seconds.",
            "schema": {"type": "integer", "minimum": 0},
        },
    }


def _ref(place: str, name: str) -> Schema:
    return {"$ref": f"#/components/{place}/{name}"}


# What leads to what


def _link(paths: Mapping[str, Schema], operations: Iterable[Operation]) -> None:
    """Tells of each call that makes a record which calls its id goes into."""
    for maker in operations:
        if not maker.writes or "{" in maker.path or maker.path.split("/")[-1] not in _MAKERS:
            continue
        place = f"{maker.key}/0/id" if maker.is_batch else f"{maker.key}/id"
        links = {
            _operation_id(taker): {
                "operationId": _operation_id(taker),
                "parameters": {"id": f"$response.body#/{place}"},
            }
            for taker in operations
            if "{id}" in taker.path and _first_part(taker) == _first_part(maker)
        }
        if links:
            paths[maker.path][maker.method.lower()]["responses"]["200"]["links"] = links


_MAKERS = ("create", "page")
