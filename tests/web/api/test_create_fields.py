"""`POST /checkout/page`, one field of the reference's request table at a time."""

import pytest

from world import ABSENT, changed

TEXTS = {  # path: the longest that is taken
    "order.reference": 35,
    "order.description": 1000,
    "order.items.0.sku": 1000,
    "order.items.0.name": 1000,
    "customer.reference": 35,
    "customer.company_name": 64,
    "customer.person_name": 32,
    "customer.person_surname": 32,
    "customer.billing_address.line1": 1000,
    "customer.billing_address.line2": 1000,
    "customer.billing_address.city_or_town": 1000,
    "customer.billing_address.province_or_state": 1000,
    "customer.billing_address.postal_or_zip_code": 1000,
    "customer.shipping.contact_name": 1000,
    "customer.shipping.address.line1": 1000,
    "customer.shipping.address.line2": 1000,
    "customer.shipping.address.city_or_town": 1000,
    "customer.shipping.address.province_or_state": 1000,
    "customer.shipping.address.postal_or_zip_code": 1000,
}
CHECKED_TEXTS = {  # path: too long for it, whatever it says
    "order_id": 32,
    "customer_id": 32,
    "customer.id_number": 13,
    "customer.email": 128,
    "customer.contact_number": 16,
    "customer.shipping.contact_number": 16,
    "notifications.confirmation_email_override": 128,
    "mode": 1000,
    "customization.locale": 1000,
    "customization.theme": 1000,
    "customization.type": 1000,
    "customization.brand.primary": 1000,
}
LOOKUPS = {  # path: the group
    "currency_lookups_id": "currency",
    "order.items.0.currency_lookups_id": "currency",
    "customer.client_type_lookups_id": "client_type",
    "customer.id_type_lookups_id": "id_type",
    "customer.billing_address.country_lookups_id": "country",
    "customer.shipping.address.country_lookups_id": "country",
    "payment.payment_type_lookups_id": "payment_type",
}
AMOUNTS = (
    "amount",
    "order.amount_subtotal",
    "order.amount_discount",
    "order.amount_shipping",
    "order.amount_tax",
    "order.amount_total",
    "order.items.0.unit_amount",
    "order.items.0.tax_amount",
    "order.items.0.discount_amount",
)
FLAGS = (
    "payment.save_card",
    "cards.save_cards",
    "cards.show_cards",
    "show_cards",
    "notifications.send_invoice",
    "notifications.send_confirmation_email",
    "customization.display_cancel_button",
    "customization.display_total",
    "customization.display_cart",
)
OBJECTS = (
    "order",
    "order.items.0",
    "order.items.0.metadata",
    "customer",
    "customer.billing_address",
    "customer.shipping",
    "customer.shipping.address",
    "customer.metadata",
    "redirects",
    "payment",
    "payment.metadata",
    "cards",
    "notifications",
    "customization",
    "customization.brand",
)
LISTS = (
    "customer_fields",
    "card_ids",
    "cards.card_ids",
    "payment.payment_methods_ids",
    "payment.payment_method_ids",
)
WHOLE_NUMBERS = ("order.items.0.quantity", "expires_in_minutes")
URLS = ("redirects.success_url", "redirects.cancel_url", "redirects.notify_url")

NOT_TEXT = (5, 1.5, True, [], ["x"], {}, {"a": 1})
NOT_AN_AMOUNT = (True, False, [], {}, ["1.00"])
NOT_A_FLAG = ("true", "", 1, 0, [], {})
NOT_AN_OBJECT = ("x", "", 1, True, [], [{}])
NOT_A_LIST = (5, True, {}, 1.5)
NOT_WHOLE = ("1", 1.0, 1.5, True, [], {}, "")


def _pairs(paths, values):
    return [pytest.param(path, value, id=f"{path}={value!r}") for path in paths for value in values]


def test_the_documented_body_is_taken(merchant, full):
    answer = merchant.post(full)

    assert answer.status_code == 200, answer.text
    result = answer.json()["result"]
    assert list(result) == [
        "id",
        "session_id",
        "amount",
        "currency_lookups_id",
        "currency",
        "order_id",
        "customer_id",
        "page_url",
        "expires_at",
    ]
    assert (result["amount"], result["currency_lookups_id"]) == (
        full["amount"],
        full["currency_lookups_id"],
    )
    for field, prefix in (("id", "chk"), ("session_id", "ses"), ("order_id", "ord")):
        assert result[field].startswith(f"{prefix}_")
        assert len(result[field]) <= 32
    assert result["customer_id"].startswith("cus_")
    assert result["page_url"].startswith(f"{merchant.server.base_url}/checkout/cs_test_")


@pytest.mark.parametrize(
    ("path", "value"),
    _pairs([*TEXTS, *CHECKED_TEXTS, *LOOKUPS, *URLS], NOT_TEXT),
)
def test_a_field_of_text_takes_text_only(must_refuse, full, path, value):
    assert must_refuse(changed(full, path, value), 400, "003") == {path: "string"}


@pytest.mark.parametrize(("path", "value"), _pairs(AMOUNTS, NOT_AN_AMOUNT))
def test_an_amount_is_a_text_or_a_number(must_refuse, full, path, value):
    assert must_refuse(changed(full, path, value), 400, "003") == {path: "string"}


@pytest.mark.parametrize(("path", "value"), _pairs(FLAGS, NOT_A_FLAG))
def test_a_flag_is_true_or_false(must_refuse, full, path, value):
    assert must_refuse(changed(full, path, value), 400, "003") == {path: "boolean"}


@pytest.mark.parametrize(("path", "value"), _pairs(OBJECTS, NOT_AN_OBJECT))
def test_an_object_is_an_object(must_refuse, full, path, value):
    assert must_refuse(changed(full, path, value), 400, "003") == {path: "object"}


@pytest.mark.parametrize(("path", "value"), _pairs(LISTS, NOT_A_LIST))
def test_a_list_is_an_array_or_a_text(must_refuse, full, path, value):
    assert must_refuse(changed(full, path, value), 400, "003") == {path: "array"}


@pytest.mark.parametrize("value", [5, True, {}, "x", ""])
def test_items_are_an_array(must_refuse, full, value):
    assert must_refuse(changed(full, "order.items", value), 400, "003") == {"order.items": "array"}


@pytest.mark.parametrize("path", LISTS)
def test_a_name_in_a_list_is_text(must_refuse, full, path):
    assert must_refuse(changed(full, path, [5]), 400, "003")[f"{path}.0"] == "string"


@pytest.mark.parametrize(("path", "value"), _pairs(WHOLE_NUMBERS, NOT_WHOLE))
def test_a_count_is_a_whole_number(must_refuse, full, path, value):
    assert must_refuse(changed(full, path, value), 400, "003") == {path: "integer"}


@pytest.mark.parametrize(("path", "longest"), TEXTS.items())
def test_a_text_may_be_as_long_as_the_reference_says(merchant, must_refuse, full, path, longest):
    answer = merchant.post(changed(full, path, "ž" * longest))
    assert answer.status_code == 200, answer.text

    longer = changed(full, path, "ž" * (longest + 1))
    assert must_refuse(longer, 422, "005") == {path: "max_length"}


@pytest.mark.parametrize(("path", "longest"), CHECKED_TEXTS.items())
def test_a_longer_text_is_too_long_before_it_is_anything_else(must_refuse, full, path, longest):
    longer = changed(full, path, "1" * (longest + 1))
    assert must_refuse(longer, 422, "005") == {path: "max_length"}


@pytest.mark.parametrize("path", AMOUNTS)
def test_an_over_long_amount_is_too_long(must_refuse, full, path):
    assert must_refuse(changed(full, path, "1" * 41), 422, "005") == {path: "max_length"}


@pytest.mark.parametrize("path", URLS)
def test_an_over_long_url_is_refused(merchant, must_refuse, full, path):
    url = "https://merchant.example/"
    longest = url + "a" * (2048 - len(url))
    assert merchant.post(changed(full, path, longest)).status_code == 200
    assert must_refuse(changed(full, path, longest + "a"), 422, "005") == {path: "url"}


@pytest.mark.parametrize(("path", "count"), [("order.items", 101), ("card_ids", 51)])
def test_a_list_has_an_end(must_refuse, full, path, count):
    one = full["order"]["items"][0] if path == "order.items" else "crd_" + "0" * 26
    assert must_refuse(changed(full, path, [one] * count), 422, "005") == {path: "max_items"}


@pytest.mark.parametrize(("path", "group"), LOOKUPS.items())
def test_an_unknown_lookup_is_named(merchant, must_refuse, full, path, group):
    other_group = "country" if group != "country" else "currency"
    foreign = merchant.lookup(other_group, "ZA" if other_group == "country" else "ZAR")
    for value in ("loo_abc123...", "loo_" + "0" * 26, foreign, "x" * 33):
        assert must_refuse(changed(full, path, value), 422, "004") == {path: "lookup"}


@pytest.mark.parametrize(("path", "group"), LOOKUPS.items())
def test_an_unknown_enum_is_named(must_refuse, full, path, group):
    spelled = path.removesuffix("_lookups_id")
    body = changed(changed(full, path, ABSENT), spelled, "NOWHERE")
    assert must_refuse(body, 422, "004") == {spelled: "lookup"}


@pytest.mark.parametrize("path", ["payment.payment_methods_ids", "payment.payment_method_ids"])
def test_an_unknown_payment_method_is_named(merchant, must_refuse, full, path):
    known = merchant.http.get("/payment-methods").json()["payment_methods"][0]["id"]
    for unknown in ("pam_abc123", ["pam_abc123"], [known, "pam_abc123"], f"{known},pam_abc123"):
        body = changed(full, path, unknown)
        assert must_refuse(body, 422, "004") == {path: "payment_method"}
    for taken in (known, [known], f" {known} , {known},", []):
        assert merchant.post(changed(full, path, taken)).status_code == 200


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("mode", "one off", "mode"),
        ("mode", "sale", "mode"),
        ("customer.email", "johndoe", "email"),
        ("customer.email", "john doe@mail.com", "email"),
        ("customer.email", "a@b@c.com", "email"),
        ("customer.email", "john@mail.com\n", "email"),
        ("notifications.confirmation_email_override", "accounts", "email"),
        ("customer.contact_number", "call me", "phone"),
        ("customer.contact_number", "12", "phone"),
        ("customer.shipping.contact_number", "+0000", "phone"),
        ("customer.id_number", "9001125009084", "south_african_id"),
        ("customer.id_number", "9013125009083", "south_african_id"),
        ("customer.id_number", "900112", "south_african_id"),
        ("customer_fields", "reference,shoe_size", "customer_field"),
        ("customer_fields", ["shoe_size"], "customer_field"),
        ("card_ids", "tok_1", "card_id"),
        ("cards.card_ids", ["crd_abc123"], "card_id"),
        ("customization.locale", "english please", "locale"),
        ("customization.locale", "e", "locale"),
        ("customization.locale", "en-ZA\n", "locale"),
        ("customization.theme", "pink", "theme"),
        ("customization.type", "popup", "page_type"),
        ("customization.brand.primary", "green", "colour"),
        ("customization.brand.primary", "#0d8", "colour"),
        ("customization.brand.primary", "#00DC82;}", "colour"),
        ("customization.brand.primary", "#00dc8\u0662", "colour"),
        ("order.items.0.quantity", 0, "minimum"),
        ("order.items.0.quantity", -1, "minimum"),
        ("order.items.0.quantity", 1_000_001, "maximum"),
        ("expires_in_minutes", 4, "minimum"),
        ("expires_in_minutes", 43_201, "maximum"),
        ("amount", "0.00", "amount"),
        ("redirects.success_url", "merchant.example", "url"),
        ("redirects.success_url", "javascript:alert(1)", "url"),
        ("redirects.success_url", "https://user:pass@merchant.example/", "url"),
        ("redirects.cancel_url", "http://merchant.example/", "https_required"),
        ("redirects.cancel_url", "/cancel", "url"),
        ("redirects.notify_url", "ftp://merchant.example/", "url"),
        ("redirects.notify_url", "https://10.0.0.1/hook", "private_address"),
        ("payment.metadata", {"k" * 65: 1}, "metadata_key"),
        ("customer.metadata", {str(n): n for n in range(51)}, "metadata_keys"),
        ("order.items.0.metadata", {"k": "v" * 8192}, "metadata_size"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(must_refuse, full, path, value, rule):
    assert must_refuse(changed(full, path, value), 422, "005") == {path: rule}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *[
            ("mode", m)
            for m in ("one-off", "ONE-OFF", "one_off", "one-time", "ONE_TIME", "One_Off")
        ],
        ("customer_fields", ["email", "billing_address", "shipping_address"]),
        ("customer_fields", "email, billing,"),
        ("customer_fields", ""),
        ("customization.locale", "af-ZA"),
        ("customization.locale", "zu"),
        ("customization.locale", "zh-Hant-TW"),
        ("customization.locale", "xx_99"),
        *[("customization.theme", theme) for theme in ("light", "dark", "auto", "DARK")],
        ("customization.brand.primary", "#ABCdef"),
        ("customer.email", "zoë@müller.example"),
        ("customer.contact_number", "083 123 4567"),
        ("customer.contact_number", "+14155552671"),
        ("order.items.0.sku", ABSENT),
        ("order.items.0.metadata", {}),
        ("payment", {}),
        ("cards", {}),
        ("notifications", {}),
        ("customization", {}),
        ("customer.shipping", {}),
        ("customer.shipping", None),
        ("customer.billing_address", None),
        ("payment", None),
        ("expires_in_minutes", 5),
        ("redirects.success_url", "http://localhost:3000/thanks?a=b#c"),
        ("redirects.notify_url", "https://no-such-host.example/hook"),
        ("something_else", {"status": "completed", "account_id": 2}),
        ("id", "chk_" + "0" * 26),
    ],
)
def test_a_value_that_fits_is_taken(merchant, full, path, value):
    answer = merchant.post(changed(full, path, value))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("nothing", [ABSENT, None, "", " \t"])
@pytest.mark.parametrize(
    "path",
    [
        "mode",
        "amount",
        "currency_lookups_id",
        *URLS,
        "order.items.0.name",
        "order.items.0.unit_amount",
        "customer.email",
        "customer.person_name",
        "customer.person_surname",
        "customer.id_number",
        "customer.id_type_lookups_id",
        "customer.billing_address.line1",
        "customer.billing_address.city_or_town",
        "customer.billing_address.postal_or_zip_code",
        "customer.billing_address.country_lookups_id",
    ],
)
def test_what_is_required_is_required(must_refuse, full, path, nothing):
    assert must_refuse(changed(full, path, nothing), 400, "003") == {path: "required"}


@pytest.mark.parametrize("nothing", [ABSENT, None])
def test_an_item_needs_a_quantity(must_refuse, full, nothing):
    path = "order.items.0.quantity"
    assert must_refuse(changed(full, path, nothing), 400, "003") == {path: "required"}


@pytest.mark.parametrize("items", [ABSENT, None, []])
def test_an_order_needs_a_description_or_an_item(merchant, must_refuse, full, items):
    without_items = changed(full, "order.items", items)
    assert merchant.post(without_items).status_code == 200
    bare = changed(without_items, "order.description", ABSENT)
    assert must_refuse(bare, 400, "003") == {"order.description": "required"}
    assert merchant.post(changed(full, "order.description", ABSENT)).status_code == 200


def test_a_customer_needs_a_company_or_both_names(merchant, must_refuse, full):
    bare = {"email": "johndoe@mail.com"}
    assert must_refuse({**full, "customer": bare}, 400, "003") == {
        "customer.person_name": "required",
        "customer.person_surname": "required",
    }
    for name in (
        {"company_name": "Acme"},
        {"person_name": "John", "person_surname": "Doe"},
    ):
        assert merchant.post({**full, "customer": {**bare, **name}}).status_code == 200


def test_an_empty_billing_address_is_asked_to_be_filled(must_refuse, full):
    place = "customer.billing_address"
    assert must_refuse(changed(full, place, {}), 400, "003") == {
        f"{place}.line1": "required",
        f"{place}.city_or_town": "required",
        f"{place}.postal_or_zip_code": "required",
        f"{place}.country_lookups_id": "required",
    }


def test_a_passport_needs_no_check_digit(merchant, full):
    body = changed(full, "customer.id_number", "A12345678")
    body = changed(body, "customer.id_type_lookups_id", merchant.lookup("id_type", "PASSPORT"))
    assert merchant.post(body).status_code == 200


def test_the_least_body_is_taken(merchant, full):
    least = {key: full[key] for key in ("mode", "amount", "currency_lookups_id", "redirects")}
    result = merchant.create(
        **dict.fromkeys(
            ("order", "customer", "customer_fields", "payment", "cards", "notifications")
        ),
        customization=None,
    )
    assert result["customer_id"] is None
    answer = merchant.post(least)
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["order_id"].startswith("ord_")


def test_all_faults_are_told_at_once(must_refuse):
    assert must_refuse({}, 400, "003") == dict.fromkeys(
        ("mode", "amount", "currency_lookups_id", *URLS), "required"
    )


def test_one_answer_has_one_code_the_first_that_applies(must_refuse, full):
    body = changed(full, "customer.email", "nobody")
    body = changed(body, "order.reference", "R" * 36)
    assert must_refuse(body, 422, "005") == {
        "customer.email": "email",
        "order.reference": "max_length",
    }
    body = changed(body, "customer.client_type_lookups_id", "loo_0")
    assert must_refuse(body, 422, "004")["customer.client_type_lookups_id"] == "lookup"
    body = changed(body, "order.items.0.quantity", "1")
    body = changed(body, "redirects.cancel_url", ABSENT)
    assert must_refuse(body, 400, "003") == {
        "customer.email": "email",
        "order.reference": "max_length",
        "customer.client_type_lookups_id": "lookup",
        "order.items.0.quantity": "integer",
        "redirects.cancel_url": "required",
    }


def test_every_item_is_told_by_its_place(must_refuse, full):
    good = full["order"]["items"][0]
    items = [good, {**good, "quantity": 0}, {"name": "x" * 1001}, 5]
    assert must_refuse(changed(full, "order.items", items), 400, "003") == {
        "order.items.1.quantity": "minimum",
        "order.items.2.name": "max_length",
        "order.items.2.quantity": "required",
        "order.items.2.unit_amount": "required",
        "order.items.3": "object",
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("card_ids", "crd_" + "0" * 26),
        ("card_ids", ["crd_" + "0" * 26] * 2),
        ("card_ids", "crd_" + "0" * 26 + ", crd_" + "1" * 26),
        ("cards.card_ids", ["crd_" + "0" * 26]),
    ],
)
def test_a_card_that_is_not_the_customers_is_refused(must_refuse, full, path, value):
    assert must_refuse(changed(full, path, value), 422, "004") == {path: "cards_not_active"}


@pytest.mark.parametrize("mode", ["recurring", "save", "RECURRING"])
def test_a_mode_that_saves_a_card_is_taken(merchant, full, mode):
    assert merchant.post(changed(full, "mode", mode)).status_code == 200


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("customization.type", "popup", "page_type"),
        ("customization.brand.logo", "https://evil.example/x.png", "logo_shown"),
        ("customization.brand.radius", "4px", "radius"),
        ("customization.brand.font", "Comic Sans", "font"),
    ],
)
def test_a_look_is_of_what_there_is(must_refuse, full, path, value, rule):
    assert must_refuse(changed(full, path, value), 422, "005") == {path: rule}


def test_an_amount_can_be_authorised_only(merchant, full):
    hold = merchant.lookup("payment_type", "PRE_AUTHORIZATION")
    path = "payment.payment_type_lookups_id"
    spelled = changed(changed(full, path, ABSENT), "payment.payment_type", "Pre-Authorization")
    for body in (changed(full, path, hold), spelled):
        shown = merchant.show(merchant.post(body).json()["result"])
        assert (shown["payment_type"], shown["payment_type_lookups_id"]) == (
            "PRE_AUTHORIZATION",
            hold,
        )


@pytest.mark.parametrize(
    ("path", "enum"),
    [
        ("currency", "ZAR"),
        ("currency", "zar"),
        ("order.items.0.currency", "ZAR"),
        ("customer.client_type", "RESIDENT_INDIVIDUAL"),
        ("customer.id_type", "South African ID"),
        ("customer.billing_address.country", "ZA"),
        ("customer.shipping.address.country", "za"),
        ("payment.payment_type", "Direct Debit"),
    ],
)
def test_a_lookup_may_be_named_by_its_enum(merchant, full, path, enum):
    body = changed(full, path, enum)
    assert merchant.post(body).status_code == 200, "beside the id"
    assert merchant.post(changed(body, f"{path}_lookups_id", ABSENT)).status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "faulty"),
    [
        (("currency", "USD"), None, "currency"),
        (("order.items.0.currency", "USD"), None, "order.items.0.currency"),
        (("customer.client_type", "PARTNERSHIP"), None, "customer.client_type"),
        (("customer.id_type", "PASSPORT"), None, "customer.id_type"),
        (("customer.billing_address.country", "NA"), None, "customer.billing_address.country"),
        (("customer.shipping.address.country", "NA"), None, "customer.shipping.address.country"),
        (("payment.payment_type", "PRE_AUTHORIZATION"), None, "payment.payment_type"),
        (("payment.save_card", False), ("cards.save_cards", True), "cards.save_cards"),
        (("show_cards", False), ("cards.show_cards", True), "cards.show_cards"),
        (("card_ids", "crd_" + "0" * 26), ("cards.card_ids", "crd_" + "1" * 26), "cards.card_ids"),
    ],
)
def test_two_spellings_that_differ_are_refused(must_refuse, full, one, other, faulty):
    body = changed(full, *one)
    body = changed(body, *other) if other else body
    assert must_refuse(body, 422, "005") == {faulty: "same_value"}


@pytest.mark.parametrize(
    ("path", "value", "other_path", "other"),
    [
        ("payment.save_card", True, "cards.save_cards", True),
        ("show_cards", False, "cards.show_cards", False),
    ],
)
def test_two_spellings_that_agree_are_taken(merchant, full, path, value, other_path, other):
    body = changed(changed(full, path, value), other_path, other)
    assert merchant.post(body).status_code == 200


def test_an_item_has_the_checkouts_currency(merchant, must_refuse, full):
    path = "order.items.0.currency_lookups_id"
    body = changed(full, path, merchant.lookup("currency", "USD"))
    assert must_refuse(body, 422, "005") == {path: "order_currency"}
    spelled = changed(changed(full, path, ABSENT), "order.items.0.currency", "USD")
    assert must_refuse(spelled, 422, "005") == {"order.items.0.currency": "order_currency"}


def test_what_is_refused_changes_nothing(merchant, must_refuse, full):
    reference = "CLN-REFUSED"
    body = changed(changed(full, "customer.reference", reference), "amount", "1200.001")
    must_refuse(body, 422, "005")
    made = merchant.create(customer=changed(full, "customer.reference", reference)["customer"])
    again = merchant.create(customer=changed(full, "customer.reference", reference)["customer"])
    assert made["customer_id"] == again["customer_id"]
    assert made["id"] != again["id"]
