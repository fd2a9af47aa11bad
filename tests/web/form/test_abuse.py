"""What an outsider with the public key may try. None of it may come to anything."""

import base64
import re

import httpx2
import pytest

from paydesk import limits

SHOP = "https://merchant.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def nothing_is_made(form_shop, customer_id):
    """After each attempt the newest checkout is the one before it, whatever was answered."""
    before = newest(form_shop)
    yield
    assert newest(form_shop) == before


def newest(form_shop):
    (checkout,) = form_shop.merchant.http.get("/checkout/list?limit=1").json()["results"]
    return checkout["id"]


@pytest.fixture(scope="session")
def customer_id(form_shop):
    return form_shop.merchant.create()["customer_id"]


def must_refuse(answer, *statuses):
    """A page says no; it leads nowhere and runs nothing."""
    assert answer.status_code in (statuses or (400, 422)), answer.text
    assert "location" not in answer.headers
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert "href=" not in re.sub(r"<link\b[^>]*>", "", answer.text)


@pytest.mark.parametrize("name", ["success_url", "cancel_url", "notify_url"])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://merchant.example.evil.example/",
        "https://evil.example/merchant.example",
        "https://evil.example/?https://merchant.example",
        "https://evil.example#@merchant.example",
        "https://sub.merchant.example/",
        "https://example/",
        "https://merchant.example./",
        "https://merchant.example:8443/",
        "https://merchant.example@evil.example/",
        "https://merchant.example:443@evil.example/",
        "https://evil.example\\@merchant.example/",
        "https:\\\\evil.example/",
        "https:evil.example",
        "https:///evil.example/",
        "//merchant.example/",
        "/thanks",
        "http://merchant.example/",
        "HTTP://merchant.example/",
        "ftp://merchant.example/",
        "javascript:alert(1)",
        "javascript://merchant.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://merchant.example\t.evil.example/",
        "https://merchant.example\n.evil.example/",
        "https://merchant.example%2eevil.example/",
        "https://merchant%00.example/",
        "https://mеrchant.example/",
        "https://merchant.example。evil.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        " https://evil.example/",
    ],
)
def test_an_unsigned_form_leads_to_the_merchant_only(form_shop, name, url):
    must_refuse(form_shop.post(form_shop.inputs(**{f"redirects_{name}": url})))


def test_a_bracketed_redirect_does_not_slip_past_the_other_spelling(form_shop):
    inputs = form_shop.inputs(**{"redirects[success_url]": "https://evil.example/"})
    must_refuse(form_shop.post(inputs))
    must_refuse(form_shop.post({**inputs, "redirects_success_url": ""}))


@pytest.mark.parametrize(
    "named",
    [
        {"customer_id": "CUSTOMER"},
        {"customer_id": "cus_00000000000000000000000000"},
        {"customers_id": "CUSTOMER"},
        {"show_cards": "true"},
        {"show_cards": "false"},
        {"cards_show_cards": "1"},
        {"cards[show_cards]": "on"},
        {"card_ids": "crd_00000000000000000000000000"},
        {"cards_card_ids": "crd_00000000000000000000000000"},
        {"cards[card_ids]": "crd_00000000000000000000000000"},
    ],
)
def test_an_unsigned_form_names_no_customer_and_no_cards(form_shop, customer_id, named):
    named = {name: customer_id if text == "CUSTOMER" else text for name, text in named.items()}
    answer = form_shop.post(form_shop.inputs(**named))
    must_refuse(answer, 422)
    assert "Only a signed form may say this." in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "1.00"},
        {"currency": "USD"},
        {"order_reference": "another"},
        {"redirects_success_url": "https://evil.example/"},
        {"customer_id": "cus_00000000000000000000000000"},
        {"show_cards": "true"},
        {"order[reference]": "ORD0045"},
        {"unknown": "1"},
        {"amount": ""},
        {"mode": "ONE_TIME"},
        {"amount": "120.00 "},
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "é" * 64},
    ],
)
def test_a_signed_form_can_not_be_changed(form_shop, changes):
    answer = form_shop.post({**form_shop.signed(), **changes})
    must_refuse(answer, 422)
    assert "The signature does not fit the form" in answer.text


def test_a_signature_is_none_for_another_form(form_shop):
    signature = form_shop.signed(order_reference="ORD1", amount="1.00")["signature"]
    must_refuse(
        form_shop.post({**form_shop.inputs(order_reference="ORD2"), "signature": signature})
    )


def test_a_signed_input_can_not_be_left_out(form_shop):
    signed = form_shop.signed(expires_in_minutes="5")
    del signed["expires_in_minutes"]
    must_refuse(form_shop.post(signed), 422)


def test_an_input_can_not_be_moved_into_another_s_text(form_shop):
    signed = form_shop.signed()
    mode = signed.pop("mode")
    must_refuse(form_shop.post({**signed, "currency": f"ZAR&mode={mode}"}), 422)


def test_the_live_account_s_key_does_not_take_the_test_account_s_signature(form_shop, server):
    live = server.merchant("live").credentials["public_key"]
    must_refuse(form_shop.post({**form_shop.signed(), "public_key": live}), 422)


@pytest.mark.parametrize("kind", ["api_key", "api_secret", "webhook_secret"])
def test_no_other_key_opens_a_form(form_shop, kind):
    must_refuse(
        form_shop.post(form_shop.inputs(public_key=form_shop.merchant.credentials[kind])), 401
    )


@pytest.mark.parametrize("key", ["", " ", "x", "pk_test_0", "' or 1=1 --", "%", SCRIPT, "p" * 9999])
def test_an_unknown_key_opens_no_form(form_shop, key):
    must_refuse(form_shop.post(form_shop.inputs(public_key=key)), 401)


def test_a_form_without_a_key_is_refused_even_with_the_api_s(form_shop):
    auth = form_shop.merchant.http.auth
    inputs = form_shop.inputs(public_key=None)
    must_refuse(httpx2.post(form_shop.url, data=inputs, auth=auth), 401)


@pytest.mark.parametrize("secret", ["", "x", "PUBLIC"])
def test_a_public_key_opens_no_part_of_the_api(form_shop, secret):
    key = form_shop.merchant.credentials["public_key"]
    auth = (key, key if secret == "PUBLIC" else secret)
    for method, path in (
        ("POST", "/checkout/page"),
        ("GET", "/checkout/list"),
        ("GET", "/merchant"),
    ):
        answer = httpx2.request(method, f"{form_shop.merchant.server.base_url}{path}", auth=auth)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("amount", SCRIPT),
        ("customer_fields", SCRIPT),
        ("customer_fields", '"><img src=x onerror=alert(1)>'),
        ("mode", "{{ 7 * 7 }}"),
        (f"customer_metadata_{SCRIPT}", "x" * 9000),
        (f"customer_metadata_{'<b>' * 30}", "x"),
        ("redirects_success_url", f"https://evil.example/{SCRIPT}"),
    ],
)
def test_what_was_posted_is_text_on_the_page(form_shop, name, text):
    inputs = form_shop.inputs(**{name: text}, customer_email="nobody")
    answer = form_shop.post(inputs)
    must_refuse(answer)
    assert not re.search(r"<(?:script|img|b)\b", answer.text)
    assert "49" not in re.sub(r"<style.*?</style>", "", answer.text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"a=" + b"x" * limits.BODY_BYTES_MAX, 413),
        (b"&".join(b"a%d=" % n for n in range(limits.FORM_INPUTS_MAX + 1)), 400),
        (b"a=%00", 400),
        (b"a=%ff", 400),
        (b"\xff\xfe", 400),
        (b"amount=1&amount=2", 422),
        (b"public_key=a&public_key=b", 422),
        (b"signature=a&signature=b", 422),
        (b"", 401),
        (b"=&;=;", 401),
        (b"order" + b"[items]" * 9000 + b"=1", 401),
        (b'{"mode": "one-off"}', 401),
    ],
)
def test_a_damaged_form_is_refused(form_shop, body, status):
    must_refuse(httpx2.post(form_shop.url, content=body, headers=FORM), status)


@pytest.mark.parametrize(
    "name",
    ["order[items]" + "[0]" * 3000, "order_items" + "_0" * 3000, "order[items][999999999][sku]"],
)
def test_endless_names_are_passed_over(form_shop, name):
    must_refuse(form_shop.post(form_shop.inputs(**{name: "1"}, amount="0")))


def test_more_items_than_an_order_has_are_refused(form_shop):
    items = {f"order_items_{7 * n}_name": "Tea" for n in range(limits.ORDER_ITEMS_MAX + 1)}
    must_refuse(form_shop.post(form_shop.inputs(**items)))


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "x" * 2000],
)
def test_other_kinds_of_body_are_refused(form_shop, media_type):
    answer = httpx2.post(
        form_shop.url, content=b"mode=one-off", headers={"Content-Type": media_type}
    )
    must_refuse(answer, 415)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(form_shop, method):
    assert httpx2.request(method, form_shop.url).status_code == 405


def test_a_key_in_the_address_or_in_a_header_counts_for_nothing(form_shop):
    key = form_shop.merchant.credentials["public_key"]
    inputs = form_shop.inputs(public_key=None)
    basic = base64.b64encode(f"{key}:".encode()).decode()
    answer = httpx2.post(
        form_shop.url,
        params={"public_key": key},
        data=inputs,
        headers={"Authorization": f"Basic {basic}"},
    )
    must_refuse(answer, 401)


def test_another_merchant_s_order_is_as_good_as_none(form_shop):
    there_is_none = form_shop.inputs(order_id="ord_00000000000000000000000000")
    must_refuse(form_shop.post(there_is_none), 404)
