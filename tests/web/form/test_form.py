"""The form over HTTP: what it makes, and what it tells whoever has to correct it."""

import html
import re
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from flat import bracketed, underscored
from source import ROOT
from world import Payer

SHOP = "https://merchant.example"


def faults(answer):
    """What the page says of each input."""
    found = re.findall(r"<li>(?:<code>(.*?)</code> )?(.*?)</li>", answer.text, re.DOTALL)
    return {html.unescape(name): html.unescape(said) for name, said in found}


def test_a_form_leads_to_the_page_of_a_new_checkout(form_shop):
    answer = form_shop.post(form_shop.inputs())
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["location"].startswith(f"{form_shop.merchant.server.base_url}/checkout/")
    assert form_shop.checkout(answer)["order"]["reference"] == "ORD0045"


def test_the_old_path_takes_forms_too(form_shop):
    url = form_shop.url.replace("/checkout", "/1.0/checkout")
    assert httpx2.post(url, data=form_shop.inputs()).status_code == 303


def test_what_a_form_began_can_be_paid(form_shop):
    answer = form_shop.post(form_shop.inputs())
    Payer({"page_url": answer.headers["location"]}).open().pay()
    assert form_shop.checkout(answer)["status"] == "completed"


@pytest.mark.parametrize("spelled", [underscored, bracketed])
def test_the_documented_body_can_be_said_in_a_form(form_shop, spelled):
    body = without_nothing(form_shop.merchant.body())
    body["customer"]["reference"] = spelled.__name__
    made = form_shop.merchant.show(form_shop.merchant.create(**body))
    body["cards"].pop("show_cards")
    body["customer"]["reference"] = f"{spelled.__name__} form"
    inputs = {**spelled(body), "public_key": form_shop.inputs()["public_key"]}
    told = form_shop.checkout(form_shop.post(inputs))
    own = {"id", "session_id", "order_id", "customer_id", "page_url", "expires_at", "created_at"}
    for shown in (made, told):
        for name in own & shown.keys():
            shown.pop(name)
        shown["order"].pop("id")
        shown["customer"].pop("id")
        shown["customer"].pop("reference")
    assert told == made


def without_nothing(value):
    if isinstance(value, dict):
        return {name: without_nothing(one) for name, one in value.items() if one is not None}
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


def test_a_signed_form_may_lead_anywhere_and_name_a_customer(form_shop):
    known = form_shop.merchant.create(customer={**CUSTOMER, "reference": "CLN-SIGNED"})
    inputs = form_shop.signed(
        customer_id=known["customer_id"],
        show_cards="true",
        redirects_success_url="https://elsewhere.example/thanks",
    )
    told = form_shop.checkout(form_shop.post(inputs))
    assert told["customer_id"] == known["customer_id"]


CUSTOMER = {"person_name": "Thandi", "person_surname": "Nkosi", "email": "thandi@example.com"}


def customer_inputs(**changes):
    return {f"customer_{name}": text for name, text in {**CUSTOMER, **changes}.items()}


@pytest.mark.parametrize("made_by", ["inputs", "signed"])
def test_a_form_never_touches_an_existing_customer(form_shop, made_by):
    reference = f"CLN-{made_by}"
    known = form_shop.merchant.create(customer={**CUSTOMER, "reference": reference})
    form = getattr(form_shop, made_by)
    inputs = form(**customer_inputs(reference=reference, email="mallory@example.com"))
    made = form_shop.checkout(form_shop.post(inputs))
    assert made["customer_id"] != known["customer_id"]
    assert made["customer"]["reference"] == made["customer_id"]
    answer = form_shop.merchant.http.get(f"/customers/{known['customer_id']}").json()["result"]
    assert (answer["reference"], answer["email"]) == (reference, CUSTOMER["email"])


def test_a_form_for_an_order_is_for_the_order_s_customer(form_shop):
    reference = "CLN-ORDERED"
    known = form_shop.merchant.create(customer={**CUSTOMER, "reference": reference})
    order = {"amount": "1200.00", "order_id": known["order_id"]}
    order |= dict.fromkeys(["order_reference", "order_description"])
    described = customer_inputs(reference=reference, email="mallory@example.com")
    for inputs in (
        form_shop.inputs(**order),
        form_shop.signed(**order),
        form_shop.signed(**order, **described),
    ):
        made = form_shop.checkout(form_shop.post(inputs))
        assert made["customer_id"] == known["customer_id"]
    # Whose reference this is, an unsigned form is not told.
    for other in (described, {**described, "customer_reference": "CLN-NOBODY"}):
        answer = form_shop.post(form_shop.inputs(**order, **other))
        assert answer.status_code == 422
        assert faults(answer).keys() == {"customer_reference"}
    answer = form_shop.merchant.http.get(f"/customers/{known['customer_id']}").json()["result"]
    assert answer["email"] == CUSTOMER["email"]


@pytest.mark.parametrize("name", ["order[items][][name]", "order_items_1000000_name"])
def test_an_item_without_a_number_is_told_by_the_name_of_its_input(form_shop, name):
    answer = form_shop.post(form_shop.inputs(**{name: "Tea"}))
    assert answer.status_code == 422
    assert faults(answer).keys() == {name}


def test_an_unsigned_form_takes_no_reference_before_its_merchant_does(form_shop):
    inputs = form_shop.inputs(**customer_inputs(reference="CLN-EARLY"))
    made = form_shop.checkout(form_shop.post(inputs))
    assert made["customer"]["reference"] == made["customer_id"]
    later = form_shop.merchant.create(customer={**CUSTOMER, "reference": "CLN-EARLY"})
    assert later["customer_id"] != made["customer_id"]


def test_a_signed_form_s_customer_keeps_a_reference_that_is_free(form_shop):
    inputs = form_shop.signed(**customer_inputs(reference="CLN-FREE"))
    first, second = (form_shop.checkout(form_shop.post(inputs)) for _ in range(2))
    assert first["customer"]["reference"] == "CLN-FREE"
    assert second["customer"]["reference"] == second["customer_id"]


def test_of_forms_at_once_one_gets_the_reference(form_shop):
    inputs = form_shop.signed(**customer_inputs(reference="CLN-RACE"))
    with ThreadPoolExecutor(6) as payers:
        answers = list(payers.map(lambda _: form_shop.post(inputs), range(6)))
    assert {answer.status_code for answer in answers} == {303}
    made = form_shop.merchant.http.get("/checkout/list", params={"limit": 6}).json()["results"]
    customers = [form_shop.merchant.show(checkout)["customer"] for checkout in made]
    assert len({customer["id"] for customer in customers}) == 6
    assert [customer["reference"] for customer in customers].count("CLN-RACE") == 1


def test_a_form_may_name_an_order_whose_amount_it_must_have(form_shop):
    no_order = {"order_reference": None, "order_description": None}
    order_id = form_shop.merchant.create()["order_id"]
    assert form_shop.post(form_shop.inputs(order_id=order_id, **no_order)).status_code == 422
    inputs = form_shop.inputs(order_id=order_id, **no_order, amount="1200.00")
    assert form_shop.checkout(form_shop.post(inputs))["order_id"] == order_id


def test_faults_are_told_with_the_inputs_names(form_shop):
    inputs = form_shop.inputs(
        **{
            "amount": "12.005",
            "order_items_3_name": "Tea",
            "order_items_3_quantity": "two",
            "customization_brand_primary": "green",
            "redirects_success_url": None,
            "order[reference]": "another",
        }
    )
    answer = form_shop.post(inputs)
    assert answer.status_code == 422
    assert faults(answer) == {"order[reference]": "order_reference says something else; give one."}
    del inputs["order[reference]"]
    answer = form_shop.post(inputs)
    assert answer.status_code == 400
    told = faults(answer)
    assert told.keys() == {
        "amount",
        "order_items_3_quantity",
        "order_items_3_unit_amount",
        "customization_brand_primary",
        "redirects_success_url",
    }
    assert told["order_items_3_unit_amount"] == "This field is required."


def test_a_refusal_is_a_page_that_runs_and_keeps_nothing(form_shop):
    answer = form_shop.post(form_shop.inputs(amount="0"))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "You have not been charged" in answer.text
    assert "WWW-Authenticate" not in form_shop.post({"public_key": "x"}).headers


@pytest.mark.parametrize(
    ("referer", "leads_back"),
    [
        (f"{SHOP}/", True),
        (f"{SHOP}/cart?a=b", True),
        ("https://evil.example/", False),
        ("javascript:alert(1)", False),
        (f"{SHOP}.evil.example/", False),
        ("", False),
    ],
)
def test_the_way_back_is_to_an_allowed_origin_only(form_shop, referer, leads_back):
    answer = form_shop.post(form_shop.inputs(amount="0"), Referer=referer)
    links = [html.unescape(link) for link in re.findall(r'<a\b[^>]*href="([^"]*)"', answer.text)]
    assert links == ([referer] if leads_back else [])


def test_asking_for_the_address_itself_is_explained(form_shop):
    answer = httpx2.get(form_shop.url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert faults(answer) == {"": "A shop sends its form here. Please start from the shop."}


def test_a_live_account_without_an_acquirer_says_so(server):
    live = server.merchant("live")
    inputs = {
        **customer_inputs(),
        "public_key": live.credentials["public_key"],
        "mode": "one-off",
        "amount": "1.00",
        "currency": "ZAR",
        **{f"redirects_{name}_url": f"{SHOP}/" for name in ("success", "cancel", "notify")},
    }
    assert live.http.post("/merchant", json={"allowed_origins": [SHOP]}).status_code == 200
    answer = httpx2.post(f"{server.base_url}/checkout/form", data=inputs)
    assert answer.status_code == 422
    assert "no acquirer yet" in faults(answer)[""]


def test_an_account_may_take_signed_forms_only(form_shop):
    form_shop.change(policies={"signed_forms_only": True})
    try:
        refused = form_shop.post(form_shop.inputs())
        assert refused.status_code == 422
        assert faults(refused) == {"signature": "This account takes signed forms only."}
        assert form_shop.post(form_shop.signed()).status_code == 303
    finally:
        form_shop.change(policies={"signed_forms_only": False})


def test_an_unsigned_form_can_t_use_up_a_reference_that_is_to_be_paid_once(form_shop):
    form_shop.change(policies={"unique_order_references": True})
    try:
        refused = form_shop.post(form_shop.inputs())
        assert refused.status_code == 422
        assert faults(refused) == {"order_reference": "Only a signed form may say this."}
        assert form_shop.post(form_shop.inputs(order_reference=None)).status_code == 303
        assert form_shop.post(form_shop.signed(order_reference="ORD-ONCE")).status_code == 303
    finally:
        form_shop.change(policies={"unique_order_references": False})


def pasted_forms():
    text = (ROOT / "docs" / "forms.md").read_text()
    return re.findall(r"```html (signed )?form\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize(("signed", "form"), pasted_forms())
def test_a_form_of_the_documentation_works_when_pasted(form_shop, signed, form):
    pairs = re.findall(r'<input\b[^>]*?name="([^"]+)" value="([^"]*)"', form)
    inputs = {name: html.unescape(text) for name, text in pairs}
    assert form.count("<input") == len(inputs)
    assert 'action="https://pay.example/checkout/form"' in form
    inputs["public_key"] = form_shop.merchant.credentials["public_key"]
    if signed:
        del inputs["signature"]
        namespace = {}
        told = (ROOT / "docs" / "forms.md").read_text()
        exec(re.search(r"```python\n(.*?)```", told, re.DOTALL)[1], namespace)
        secret = form_shop.merchant.credentials["webhook_secret"]
        inputs["signature"] = namespace["signature"](inputs, secret)
    form_shop.checkout(form_shop.post(inputs))


def test_only_a_signed_form_may_be_embedded(form_shop):
    refused = form_shop.post(form_shop.inputs(customization_type="embed"))
    assert refused.status_code == 422
    assert "Only a signed form may say this." in refused.text
    form_shop.checkout(form_shop.post(form_shop.inputs(customization_type="page")))
    # Nor where it is the account's default: whoever writes a form chooses its redirects.
    form_shop.change(customization={"type": "embed"})
    try:
        unsigned = form_shop.post(form_shop.inputs())
        signed = form_shop.post(form_shop.signed())
        policies = [
            httpx2.get(answer.headers["location"]).headers["Content-Security-Policy"]
            for answer in (unsigned, signed)
        ]
    finally:
        form_shop.change(customization={"type": None})
    assert "frame-ancestors 'none'" in policies[0]
    assert f"frame-ancestors {SHOP}" in policies[1]
