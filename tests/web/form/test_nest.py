import pytest
from hypothesis import given
from hypothesis import strategies as st

from flat import bracketed, underscored
from paydesk.errors import Invalid
from paydesk.web.form.nest import nest

BODY = {
    "mode": "one-off",
    "amount": "1200.00",
    "currency_lookups_id": "loo_1",
    "order_id": "ord_1",
    "order": {
        "reference": "ORD0045",
        "amount_total": "1200.00",
        "items": [
            {"sku": "A", "quantity": 1, "metadata": {"colour": "red", "two_words": "x"}},
            {"sku": "B", "quantity": 2, "currency": "ZAR"},
        ],
    },
    "customer_id": "cus_1",
    "customer_fields": "email,billing",
    "customer": {
        "id_type": "PASSPORT",
        "id_number": "1",
        "billing_address": {"line1": "1 Loop Street", "country_lookups_id": "loo_2"},
        "shipping": {"contact_name": "Jane", "address": {"city_or_town": "Cape Town"}},
        "metadata": {"a": "b"},
    },
    "redirects": {"success_url": "https://shop.example/?a=b"},
    "payment": {"payment_methods_ids": "pam_1,pam_2", "save_card": True},
    "cards": {"save_cards": True, "show_cards": False},
    "show_cards": False,
    "notifications": {"send_invoice": True},
    "customization": {"display_cart": False, "brand": {"primary": "#00dc82"}},
    "expires_in_minutes": 30,
}


@pytest.mark.parametrize("spelled", [underscored, bracketed])
def test_a_form_says_whatever_the_body_can(spelled):
    assert nest(spelled(BODY)).record == BODY


def test_both_spellings_may_stand_in_one_form():
    assert nest({"order_reference": "A", "order[items][0][sku]": "B"}).record == {
        "order": {"reference": "A", "items": [{"sku": "B"}]}
    }


def test_blank_inputs_and_unknown_names_are_passed_over():
    inputs = {
        "customer_billing_address_line1": "",
        "customer_billing_address_city_or_town": "  ",
        "submit": "Pay",
        "public_key": "x",
        "signature": "x",
    }
    assert nest(inputs).record == {}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "_",
        "order",
        "order_",
        "order_reference_",
        "_order_reference",
        "order__reference",
        "Order_reference",
        "order.reference",
        "order_items",
        "order_items_0",
        "order_items_count",
        "order_items_all_total",
        "order[reference",
        "order]reference[",
        "order[reference][]",
        "order[][sku]",
        "order[items][0]sku",
        "order[items][0][sku][more]",
        "order_items[0][sku]",
        "customer[metadata][a][b]",
        "customer_metadata_",
        "__class__",
        "order[__proto__][a]",
        "order" + "[a]" * 5000,
        "order" + "_items_0" * 5000,
    ],
)
def test_a_name_that_means_nothing_is_passed_over(name):
    assert nest({name: "x"}).record == {}


@pytest.mark.parametrize(
    "name",
    [
        "order_items_00_sku",
        "order_items_-1_sku",
        "order_items_١_sku",
        "order_items_1e3_sku",
        "order_items__sku",
        "order_items_9999999_sku",
        "order[items][][name]",
        "order[items][x][name]",
        "order[items][01][metadata][size]",
        "order[items][1000000][name]",
    ],
)
def test_an_item_without_a_number_is_not_passed_over(name):
    with pytest.raises(Invalid) as refused:
        nest({"mode": "one-off", name: "x"})
    (fault,) = refused.value.faults()
    assert (fault.path, fault.rule) == (name, "item_number")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("1", True),
        ("On", True),
        (" yes ", True),
        ("false", False),
        ("0", False),
        ("off", False),
        ("no", False),
        ("perhaps", "perhaps"),
    ],
)
def test_a_flag_is_written_in_the_usual_ways(text, value):
    assert nest({"show_cards": text}).record == {"show_cards": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("030", 30),
        ("3.0", "3.0"),
        ("-1", "-1"),
        ("٣", "٣"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_number_has_digits_only(text, value):
    assert nest({"expires_in_minutes": text}).record == {"expires_in_minutes": value}


def test_a_metadata_value_stays_a_text():
    assert nest({"payment_metadata_till": "007"}).record == {
        "payment": {"metadata": {"till": "007"}}
    }


def test_lists_close_up_and_faults_still_name_the_inputs():
    nested = nest({"order_items_7_sku": "B", "order_items_3_sku": "A", "order_items_7_name": "b"})
    assert nested.record == {"order": {"items": [{"sku": "A"}, {"sku": "B", "name": "b"}]}}
    assert nested.name_of("order.items.1.name") == "order_items_7_name"
    assert nested.name_of("order.items.0.name") == "order_items_3_name"
    assert nested.name_of("order.items.0.metadata") == "order_items_3_metadata"
    assert nested.name_of("redirects.success_url") == "redirects_success_url"
    assert nested.name_of("mode") == "mode"
    assert nested.name_of("") == ""


def test_a_form_of_brackets_is_answered_in_brackets():
    nested = nest({"order[items][4][sku]": "B", "mode": "one-off"})
    assert nested.name_of("order.items.0.sku") == "order[items][4][sku]"
    assert nested.name_of("order.items.0.name") == "order[items][4][name]"
    assert nested.name_of("redirects.success_url") == "redirects[success_url]"
    assert nested.name_of("mode") == "mode"


def test_two_spellings_of_one_member_say_the_same():
    same = {"order_items_0_quantity": "2", "order[items][0][quantity]": "02"}
    assert nest(same).record == {"order": {"items": [{"quantity": 2}]}}
    with pytest.raises(Invalid) as refused:
        nest({**same, "order_reference": "A", "order[reference]": "B"})
    (fault,) = refused.value.faults()
    assert (fault.path, fault.rule) == ("order[reference]", "same_value")


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0[]"), min_size=1).filter(
    str.strip
)
ITEM = st.fixed_dictionaries(
    {"sku": WORDS},
    optional={
        "quantity": st.integers(0, 10**6),
        "metadata": st.dictionaries(WORDS, WORDS, min_size=1, max_size=3),
    },
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "mode": WORDS,
        "order_id": WORDS,
        "order": st.fixed_dictionaries({"items": st.lists(ITEM, min_size=1, max_size=4)}),
        "customer": st.fixed_dictionaries({"id_number": WORDS}),
        "customer_id": WORDS,
        "show_cards": st.booleans(),
    },
)


@given(BODIES, st.sampled_from([underscored, bracketed]))
def test_what_was_flattened_comes_back(body, spelled):
    assert nest(spelled(body)).record == body


@given(st.dictionaries(st.text(alphabet="order_itms01[]", max_size=30), WORDS, max_size=8))
def test_no_name_is_trouble(inputs):
    try:
        nested = nest(inputs)
    except Invalid:
        return
    assert set(nested.names.values()) <= set(inputs)
