"""A payer whom the merchant has not named says who they are, and pays, in one form."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx2
import pytest

from world import APPROVED, DECLINED, TYPED, Payer, eventually

ALL = "reference,id_number,email,contact_number,billing,shipping"


def nobody(merchant, receiver, fields=ALL, **changes):
    return merchant.create(receiver.url, customer=None, customer_fields=fields, **changes)


def customer_of(merchant, checkout):
    id_ = merchant.show(checkout)["customer_id"]
    return id_ and merchant.http.get(f"/customers/{id_}").json()["result"]


def post(payer, card=None, **changes):
    url, data = payer.prepared(**(card or {}))
    payer.page = payer.post(url, {**data, **changes})
    return payer


def test_a_payer_says_who_they_are_and_pays(merchant, receiver):
    checkout = nobody(merchant, receiver)
    assert checkout["customer_id"] is None
    assert Payer(checkout).open().pay().state == "paid"
    customer = customer_of(merchant, checkout)
    assert (customer["person_name"], customer["email"]) == ("Thandi", "thandi@example.com")
    assert (customer["contact_number"], customer["id_number"]) == ("+27831234567", "8001015009087")
    assert customer["billing_address"]["city_or_town"] == "Cape Town"
    assert customer["shipping"]["address"]["line1"] == "1 Loop Street"
    (heard,) = eventually(lambda: receiver.about(checkout["id"]))
    assert heard.checkout["customer_id"] == customer["id"]
    order = merchant.http.get(f"/orders/{checkout['order_id']}").json()["result"]
    assert order["customer_id"] == customer["id"]


def test_only_what_the_merchant_wants_is_asked(merchant, receiver):
    page = Payer(nobody(merchant, receiver, fields=None)).open().page.text
    asked = re.findall(r'name="customer\.([^"]+)"', page)
    assert asked == ["person_name", "person_surname", "email"]
    assert 'name="customer.' not in Payer(merchant.create(receiver.url)).open().page.text


def test_all_faults_are_told_at_once_and_what_was_typed_stays(merchant, receiver):
    checkout = nobody(merchant, receiver)
    payer = Payer(checkout).open()
    hostile = '"><script>alert(1)</script>'
    post(
        payer,
        {"number": "4242424242424243", "code": "12"},
        **{"customer.person_surname": "", "customer.billing_address.city_or_town": hostile},
    )
    assert payer.page.status_code == 422
    errors = re.findall(r'<p class="error" id="([^"]+)-error">', payer.page.text)
    assert errors == ["customer-person-surname", "card-number", "card-security-code"]
    assert 'value="Thandi"' in payer.page.text
    assert hostile in unescape(payer.page.text)
    assert hostile not in payer.page.text
    assert "4242424242424243" not in payer.page.text
    assert customer_of(merchant, checkout) is None
    assert payer.pay().state == "paid"


def test_a_declined_payer_is_not_asked_again(merchant, receiver):
    checkout = nobody(merchant, receiver)
    payer = Payer(checkout).open()
    assert payer.pay(number=DECLINED).state == "declined"
    customer = customer_of(merchant, checkout)
    assert 'name="customer.' not in payer.page.text
    assert payer.pay(number=APPROVED).state == "paid"
    assert customer_of(merchant, checkout) == customer


def test_a_form_sent_twice_makes_one_customer(merchant, receiver):
    checkout = nobody(merchant, receiver)
    url, data = Payer(checkout).open().prepared()
    email = f"{checkout['id']}@example.com"
    data["customer.email"] = email
    with ThreadPoolExecutor(8) as pool:
        headers = {"Origin": f"{url.scheme}://{url.netloc.decode()}"}
        sent = [pool.submit(httpx2.post, url, data=data, headers=headers) for _ in range(8)]
        assert {one.result().status_code for one in sent} == {303}
    eventually(lambda: merchant.status(checkout) == "completed")
    found = merchant.http.get("/customers/list", params={"customer_email": email}).json()["results"]
    assert len(found) == 1


def test_a_typed_reference_never_finds_another_customer(merchant, receiver):
    known = merchant.create(receiver.url)
    theirs = customer_of(merchant, known)
    checkout = nobody(merchant, receiver)
    payer = post(Payer(checkout).open(), **{"customer.reference": theirs["reference"]})
    assert payer.state == "paid"
    mine = customer_of(merchant, checkout)
    assert mine["id"] != theirs["id"]
    assert mine["metadata"] == {"reference": theirs["reference"]}
    assert customer_of(merchant, known) == theirs


def test_a_mistyped_address_is_asked_about(merchant, receiver):
    checkout = nobody(merchant, receiver)
    payer = post(Payer(checkout).open(), **{"customer.email": "thandi@gmial.com"})
    assert "Did you mean thandi@gmail.com?" in payer.page.text
    chosen = {"customer.email": "thandi@gmial.com", "customer.email_suggestion": "thandi@gmail.com"}
    post(payer, **chosen)
    assert payer.state == "paid"
    assert customer_of(merchant, checkout)["email"] == "thandi@gmail.com"


@pytest.mark.parametrize("chosen", ["thandi@gmail.com", "thandi@gmial.com"])
def test_an_address_once_chosen_outlives_a_fault_of_the_card(merchant, receiver, chosen):
    checkout = nobody(merchant, receiver)
    typed = {"customer.email": "thandi@gmial.com", "customer.email_suggestion": chosen}
    payer = post(Payer(checkout).open(), {"number": "4242424242424243"}, **typed)
    assert "Did you mean" not in payer.page.text
    values = dict(re.findall(r'name="(customer\.email\w*)"[^>]* value="([^"]*)"', payer.page.text))
    assert values["customer.email"] == chosen
    assert post(payer, **values).state == "paid"
    assert customer_of(merchant, checkout)["email"] == chosen


@pytest.mark.parametrize("name", [name for name in TYPED if name != "customer.shipping_is_billing"])
@pytest.mark.parametrize("text", ["\x00", "\ud800", "💥" * 200, "' or 1=1 --", "{{ 7*7 }}", " "])
def test_nothing_typed_breaks_the_page(merchant, receiver, name, text):
    payer = Payer(nobody(merchant, receiver)).open()
    url, data = payer.prepared()
    body = "&".join(
        f"{key}={httpx2.QueryParams({'v': value})['v'] and _encoded(value)}"
        for key, value in {**data, name: text}.items()
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = httpx2.post(url, content=body, headers=headers, follow_redirects=True)
    assert answer.status_code in {200, 400, 422}
    assert "49" not in re.findall(r'value="([^"]*)"', answer.text)


def _encoded(text):
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
