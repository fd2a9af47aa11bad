"""`POST /checkout/page`: which spellings of an amount are money, and how an order adds up."""

import json

import pytest

from world import ABSENT, changed, faults

HOSTILE_TEXTS = [
    *("-1", "-0.01", "+1", "+1200.00", "--1", "1-", "(1200)", "1200-"),
    *("1e3", "1E3", "1.2e3", "1e-2", "1e999999999", "0x10", "0b1", "0o7", "1200h"),
    *("1_200", "1,200.00", "1,200", "1 200", "1'200", "1\u00a0200", "1.200,00", "1200,00"),
    *(".5", "1.", ".", "..", "1..0", "1.0.0", "1.00.", "1200.00.00"),
    *("00.00", "01", "007.00", "00", "0001200.00"),
    *(" 1200", "1200 ", "\t1200", "1200\n", "1200.00\r\n", "12\n00", "\ufeff1200", "1200\u200b"),
    *("١٢٠٠", "１２００", "१२००", "1٢00", "²", "Ⅻ", "½", "一二"),
    *("NaN", "nan", "Infinity", "-Infinity", "inf", "null", "true", "None"),
    *("R1200", "$1200", "ZAR 1200", "1200 ZAR", "1200c", "12%"),
    *("1200.001", "1200.000", "0.001", "1.0000000000000000001", "9999999999999", "9" * 40),
    *("9" * 400, "0." + "0" * 100, "1200;drop", "{}", "[]", "1200/1", "1200*1", "=1200"),
    *("0", "0.0", "0.00"),
]
HOSTILE_NUMBERS = [
    *("-1", "-0", "-0.0", "0", "0.0", "1e3", "1E3", "1.2e3", "12000e-1", "1e-2", "1e400"),
    *("1200.001", "1200.000", "0.1e1", "9999999999999", "1e12", "100000000000000000000"),
    *("0.30000000000000004", "1.7976931348623157e308", "5e-324", "9" * 4301, "0." + "1" * 50),
    *("NaN", "Infinity", "-Infinity", "+1", ".5", "1.", "01", "0x10", "1_000", "1200.00.00"),
]


@pytest.fixture(scope="session")
def bare(full):
    """A body that asks for an amount and no more."""
    return {key: full[key] for key in ("mode", "amount", "currency_lookups_id", "redirects")}


def _post_number(merchant, body, number):
    raw = json.dumps(changed(body, "amount", "@")).replace('"@"', number)
    return merchant.http.post(
        "/checkout/page", content=raw.encode(), headers={"Content-Type": "application/json"}
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1200.00", "1200.00"),
        ("1200", "1200.00"),
        ("1200.5", "1200.50"),
        ("0.01", "0.01"),
        ("0.1", "0.10"),
        ("1", "1.00"),
        ("19.99", "19.99"),
        ("0.29", "0.29"),
        ("1200.10", "1200.10"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_an_amount_is_echoed_to_the_cent_text_or_number(merchant, bare, written, kept):
    for answer in (
        merchant.post(changed(bare, "amount", written)),
        _post_number(merchant, bare, written),
    ):
        assert answer.status_code == 200, answer.text
        result = answer.json()["result"]
        assert result["amount"] == kept
        assert merchant.show(result)["amount"] == kept


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_what_only_looks_like_an_amount_is_refused(merchant, bare, text):
    answer = merchant.post(changed(bare, "amount", text))
    assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
    assert faults(answer)["amount"] in {"amount", "max_length"}


@pytest.mark.parametrize("number", HOSTILE_NUMBERS)
def test_a_number_that_is_no_plain_amount_is_refused(merchant, bare, number):
    answer = _post_number(merchant, bare, number)
    assert answer.status_code in {400, 422}
    assert answer.json()["error_code"] in {"002", "005"}


@pytest.mark.parametrize("path", ["order.amount_total", "order.items.0.unit_amount"])
@pytest.mark.parametrize("text", ["-1", "1e3", "1,200.00", "01", "1200.001", "١٢٠٠", "9" * 13])
def test_amounts_of_the_order_are_as_strict(must_refuse, full, path, text):
    assert must_refuse(changed(full, path, text), 422, "005") == {path: "amount"}


@pytest.mark.parametrize(
    ("currency", "text", "kept"),
    [
        ("JPY", "1200", "1200"),
        ("JPY", "1", "1"),
        ("KWD", "1.234", "1.234"),
        ("KWD", "0.001", "0.001"),
        ("KWD", "1.2", "1.200"),
        ("USD", "10.5", "10.50"),
    ],
)
def test_each_currency_has_its_own_decimals(merchant, bare, currency, text, kept):
    body = changed(bare, "currency_lookups_id", merchant.lookup("currency", currency))
    result = merchant.post(changed(body, "amount", text)).json()["result"]
    assert (result["amount"], result["currency"]) == (kept, currency)


@pytest.mark.parametrize(
    ("currency", "text"),
    [("JPY", "1200.0"), ("JPY", "1200.5"), ("KWD", "1.2345"), ("ZAR", "1.234"), ("ZAR", "1.230")],
)
def test_surplus_decimals_are_refused_even_if_zero(merchant, must_refuse, bare, currency, text):
    body = changed(bare, "currency_lookups_id", merchant.lookup("currency", currency))
    assert must_refuse(changed(body, "amount", text), 422, "005") == {"amount": "amount"}


ZAR_1200 = {"amount_subtotal": "1100.00", "amount_tax": "100.00"}


@pytest.mark.parametrize(
    "sums",
    [
        {},
        {"amount_total": "1200.00"},
        {"amount_total": 1200},
        {"amount_total": "1200.0", "amount_subtotal": "1200"},
        ZAR_1200,
        {**ZAR_1200, "amount_discount": "0.00", "amount_shipping": 0},
        {"amount_subtotal": "1300", "amount_discount": "150.00", "amount_shipping": "50"},
        {"amount_tax": "156.52"},
        {"amount_tax": "156.52", "amount_total": "1200.00"},
    ],
)
def test_sums_that_agree_are_taken(merchant, full, sums):
    order = {"description": "Monthly plan", **sums}
    answer = merchant.post({**full, "order": order})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("sums", "path", "rule"),
    [
        ({"amount_total": "1200.01"}, "amount", "order_total"),
        ({"amount_subtotal": "1100.00"}, "amount", "order_total"),
        ({**ZAR_1200, "amount_total": "1100.00"}, "order.amount_total", "order_sum"),
        ({**ZAR_1200, "amount_discount": "0.01"}, "amount", "order_total"),
        ({**ZAR_1200, "amount_shipping": "0.01"}, "amount", "order_total"),
        ({"amount_subtotal": "0", "amount_discount": "1200.00"}, "amount", "order_total"),
        ({"amount_total": "0.00"}, "amount", "order_total"),
    ],
)
def test_sums_that_disagree_are_refused(must_refuse, full, sums, path, rule):
    order = {"description": "Monthly plan", **sums}
    assert must_refuse({**full, "order": order}, 422, "005") == {path: rule}


@pytest.mark.parametrize("amount", ["25.00", "28.75"])
def test_without_sums_the_items_tell_with_tax_inside_or_on_top(merchant, full, amount):
    items = [
        {"name": "Pens", "quantity": 3, "unit_amount": "10.00", "discount_amount": 5},
        {"name": "Gift", "quantity": 1, "unit_amount": "0", "tax_amount": 3.75},
    ]
    answer = merchant.post({**full, "amount": amount, "order": {"items": items}})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("amount", ["24.99", "30.00", "28.76", "1200.00"])
def test_an_amount_the_items_do_not_come_to_is_refused(must_refuse, full, amount):
    items = [
        {"name": "Pens", "quantity": 3, "unit_amount": "10.00", "discount_amount": 5},
        {"name": "Gift", "quantity": 1, "unit_amount": "0", "tax_amount": 3.75},
    ]
    body = {**full, "amount": amount, "order": {"items": items}}
    assert must_refuse(body, 422, "005") == {"amount": "order_total"}


def test_with_sums_the_items_need_not_add_up(merchant, full):
    # The documented example itself: 1,100 and 100 tax, and one line of 1,200.
    items = [{"name": "Half", "quantity": 1, "unit_amount": "600.00"}]
    assert merchant.post(changed(full, "order.items", items)).status_code == 200


def test_the_largest_order_stays_far_inside_the_database(merchant, must_refuse, full):
    largest = {"name": "Gold", "quantity": 1_000_000, "unit_amount": "999999999999.99"}
    order = {"items": [largest] * 100}
    body = {**full, "amount": "999999999999.99", "order": order}
    assert must_refuse(body, 422, "005") == {"amount": "order_total"}
    body["order"] = {**order, "amount_total": "999999999999.99"}
    assert merchant.post(body).status_code == 200


def test_a_checkout_of_nothing_is_refused_whatever_the_order_says(must_refuse, full):
    body = changed(full, "amount", "0.00")
    body = changed(body, "order", {"description": "Nothing", "amount_total": "0.00"})
    assert must_refuse(body, 422, "005") == {"amount": "amount"}
    assert must_refuse(changed(body, "order", ABSENT), 422, "005") == {"amount": "amount"}
