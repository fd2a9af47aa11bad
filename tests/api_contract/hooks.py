"""How Schemathesis reads our document: a little more strictly than callers have to."""

import schemathesis

# What a wide choice keeps: one case for each of 250 countries in each body would take hours.
USUAL = ("ZAR", "USD", "ZA", "RESIDENT_INDIVIDUAL", "SOUTH_AFRICAN_ID")
# What may not be missing because of something else that is given; a schema of all these would
# tell a reader nothing. docs/api.md says it in words.
DEPENDENT = {
    *("amount", "company_name", "person_name", "person_surname"),
    *("id_number", "id_type_lookups_id", "description", "amount_total"),
    *("line1", "city_or_town", "postal_or_zip_code", "country_lookups_id"),
}
# In a change null clears, and what a record is never without can't be cleared.
CHANGES = {"/orders/update", "/checkout/page/{id}", "/webhook-endpoints/{id}"}
TYPES = {"required", "string", "boolean", "integer", "array", "object"}
UNTOLD = {
    *((name, "required") for name in DEPENDENT),
    # JSON Schema takes 30.0 for an integer, we do not.
    *(("expires_in_minutes", "integer"), ("quantity", "integer")),
}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for name, schema in raw_schema["components"]["schemas"].items():
        if name.endswith("Reply"):
            # Nothing may be answered that is not described.
            schema["additionalProperties"] = False
        if len(schema.get("enum", ())) > 5:
            usual = [value for value in schema["enum"] if value in USUAL]
            schema["enum"] = usual or schema["enum"][:2]
    for path in raw_schema["paths"].values():
        # What makes a record is often sent as its example, so that much can follow from it.
        content = path.get("post", {}).get("requestBody", {}).get("content", {})
        for body in content.values():
            if "example" in body:
                body["schema"] = {"anyOf": [{"const": body["example"]}, body["schema"]]}


@schemathesis.check
def what_is_whole_by_schema_is_whole(ctx, response, case):
    """No body that fits the document is refused for a missing member or a wrong type."""
    if (
        case.meta is None
        or not case.meta.generation.mode.is_positive
        or response.status_code != 400
    ):
        return
    told = response.json()
    found = {
        (path.split(".")[-1], fault["rule"])
        for detail in told["error_details"]
        for path, fault in detail["errors"].items()
    }
    wrong = {(name, rule) for name, rule in found if rule in TYPES} - UNTOLD
    if case.operation.path in CHANGES:
        wrong = {(name, rule) for name, rule in wrong if rule != "required" or name == "id"}
    assert not wrong, response.text
