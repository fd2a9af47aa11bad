"""Saved cards over HTTP: saved with consent, shown, paid with, removed, replaced."""

import re

import pytest

from oracle import assert_all_is_well, select
from world import APPROVED, DECLINED, Payer, card, eventually, faults

MASTERCARD = "5555 5555 5555 4444"


@pytest.fixture(scope="module")
def shop(server):
    """A merchant of this file's own."""
    return server.merchant_with(server.new_merchant("Corner shop")["test"])


def customer(shop, reference):
    (made,) = shop.paydesk.customers.create(
        {
            "reference": reference,
            "person_name": "Jo",
            "person_surname": "Doe",
            "email": "jo@mail.com",
        }
    )
    return made["id"]


def checkout(shop, customer_id, notify_url="https://merchant.example/webhooks", **changes):
    """A plain checkout of this customer; changes are the request's own fields."""
    body = shop.body(notify_url)
    for name in ("customer", "customer_fields", "cards"):
        del body[name]
    return shop.paydesk.checkouts.create(**{**body, "customer_id": customer_id, **changes})


def saved(shop, customer_id, *, save_card="yes", number=APPROVED, expiry="12/30", **wishes):
    """Pays, agreeing to have the card saved: the card that was saved."""
    made = checkout(shop, customer_id, cards={"save_cards": True}, **wishes)
    agree(Payer(made).open(), save_card=save_card, number=number, expiry=expiry)
    found = shop.paydesk.cards.list(customer_id=customer_id).entries
    return found[0] if found else None


def agree(payer, *, save_card="yes", **card):
    """Pays with a new card, the consent ticked or not."""
    url, data = payer.prepared(**card)
    payer.page = payer.post(url, data | ({"save_card": save_card} if save_card else {}))
    assert payer.state == "paid"
    return payer


def use(payer, card_id, code="123", **changes):
    """Pays with a saved card and its security code."""
    action, hidden = payer.form("cc-number")
    data = {**hidden, "card": card_id, "card_security_code": code, **changes}
    payer.page = payer.post(f"{payer.url}/pay" if not action else _joined(payer, action), data)
    return payer


def _joined(payer, action):
    return re.match(r"https?://[^/]+", payer.url)[0] + action


def offered(payer):
    """The ids of the saved cards on the page, in their order."""
    return re.findall(r'type="radio" id="(crd_\w+)"', payer.page.text)


def remove(payer, card_id):
    action, hidden = payer.form(f'value="{card_id}"><input' if False else f'value="{card_id}"\n')
    payer.page = payer.post(_joined(payer, action), hidden)
    return payer


def test_a_card_is_saved_shown_and_paid_with_again(shop, receiver):
    who = customer(shop, "C-1")
    first = checkout(shop, who, receiver.url, cards={"save_cards": True})
    agree(Payer(first).open())
    (heard,) = eventually(lambda: receiver.about(first["id"]))
    kept = heard.checkout["card"]
    (listed,) = shop.paydesk.cards.list(customer_id=who).entries
    assert heard.checkout["card_id"] == kept["id"] == listed["id"]
    assert kept["token"] == listed["card_token"]
    assert listed["is_default"]

    second = checkout(shop, who, receiver.url, cards={"show_cards": True})
    payer = Payer(second).open()
    assert offered(payer) == [listed["id"]]
    assert "4242" in payer.page.text and "4242424242" not in payer.page.text
    assert use(payer, listed["id"]).state == "paid"
    (heard,) = eventually(lambda: receiver.about(second["id"]))
    assert heard.checkout["card"] == kept
    assert_all_is_well(shop.server, with_webhooks=False)
