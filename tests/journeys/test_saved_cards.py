"""Saved cards over HTTP: saved with consent, shown, paid with, removed, replaced."""

import re
import secrets
from datetime import timedelta
from urllib.parse import urljoin

import pytest

from issuing import CardHolder
from oracle import assert_all_is_well, select
from paydesk.kit import clock
from paydesk_client import PaydeskError
from world import APPROVED, DECLINED, Payer, eventually, faults

MASTERCARD = "5555 5555 5555 4444"


@pytest.fixture(scope="module")
def shop(server):
    """A merchant of this file's own."""
    return server.merchant_with(server.new_merchant("Corner shop")["test"])


@pytest.fixture
def customer(shop):
    """A customer without a card."""
    return new_customer(shop)


def new_customer(shop):
    (made,) = shop.paydesk.customers.create(
        {
            "reference": secrets.token_hex(8),
            "person_name": "Jo",
            "person_surname": "Doe",
            "email": "jo@mail.com",
        }
    )
    return made["id"]


def checkout(shop, customer, notify_url="https://merchant.example/webhooks", **changes):
    """A plain checkout of this customer; changes are the request's own fields, None for none."""
    body = shop.body(notify_url)
    for name in ("customer", "customer_fields", "cards"):
        del body[name]
    body |= {"customer_id": customer, **changes}
    body = {name: value for name, value in body.items() if value is not None}
    return shop.paydesk.checkouts.create(**body)


def buy(payer, *, agrees=True, **card):
    """Pays with a new card, the box that saves it ticked or not."""
    url, data = payer.prepared(**card)
    payer.page = payer.post(url, data | ({"save_card": "yes"} if agrees else {}))
    return payer


def save(shop, customer, **card):
    """The card that this customer saves by paying."""
    made = checkout(shop, customer, cards={"save_cards": True})
    assert buy(Payer(made).open(), **card).state == "paid"
    return cards_of(shop, customer)[0]


def cards_of(shop, customer):
    return shop.paydesk.cards.list(customer_id=customer).entries


def use(payer, card_id, code="123", **changes):
    """Pays with a saved card and its security code."""
    action, hidden = payer.form("cc-number")
    data = {**hidden, "card": card_id, "card_security_code": code, **changes}
    payer.page = payer.post(urljoin(payer.url, action), data)
    return payer


def offered(payer):
    """The ids of the saved cards to choose from on the page, in their order."""
    return re.findall(r'type="radio" id="(crd_\w+)"', payer.page.text)


def remove(payer, card_id):
    action, hidden = payer.form(f'name="card" value="{card_id}">\n<input type="hidden" name="rem')
    payer.page = payer.post(urljoin(payer.url, action), hidden)
    return payer


def test_a_card_is_saved_shown_and_paid_with_again(shop, customer, receiver):
    first = checkout(shop, customer, receiver.url, cards={"save_cards": True})
    payer = Payer(first).open()
    assert 'name="save_card" value="yes" checked' in payer.page.text
    assert buy(payer).state == "paid"
    (heard,) = eventually(lambda: receiver.about(first["id"]))
    (card,) = cards_of(shop, customer)
    told = {"id": card["id"], "token": card["card_token"], "ending": "4242", "expire": "12/30"}
    assert heard.checkout["card_id"] == card["id"]
    assert told.items() <= heard.checkout["card"].items()
    assert (card["card_status"], card["is_default"], card["is_recurring"]) == (
        "ACTIVE",
        True,
        False,
    )

    second = checkout(shop, customer, receiver.url, cards={"show_cards": True})
    payer = Payer(second).open()
    assert offered(payer) == [card["id"]]
    assert use(payer, card["id"]).state == "paid"
    (heard,) = eventually(lambda: receiver.about(second["id"]))
    assert told.items() <= heard.checkout["card"].items()
    assert cards_of(shop, customer) == [card]
    assert_all_is_well(shop.server, with_webhooks=False)


def test_the_sentence_that_the_payer_agreed_to_is_kept(shop, customer):
    card = save(shop, customer)
    (row,) = select(shop.server, "select consent from cards where id = $1", card["id"])
    assert row["consent"] == "Save this card for the next time I pay Corner shop"


@pytest.mark.parametrize(
    "wishes", [{"cards": {"save_cards": True}}, {}], ids=["unticked", "not asked"]
)
def test_who_does_not_agree_has_no_card_saved(shop, customer, receiver, wishes):
    made = checkout(shop, customer, receiver.url, **wishes)
    assert buy(Payer(made).open(), agrees=not wishes).state == "paid"
    (heard,) = eventually(lambda: receiver.about(made["id"]))
    assert heard.checkout["card"]["id"] == heard.checkout["card_id"] is not None
    assert heard.checkout["card"]["token"] is None
    assert cards_of(shop, customer) == []


def test_a_declined_card_is_not_saved(shop, customer):
    made = checkout(shop, customer, cards={"save_cards": True})
    payer = buy(Payer(made).open(), number=DECLINED)
    assert payer.state == "declined"
    assert cards_of(shop, customer) == []
    query = """select count(*) from vault.cards v join transactions t on t.card_id = v.id
        where t.checkout_id = $1"""
    eventually(lambda: select(shop.server, query, made["id"])[0]["count"] == 0)
    assert buy(payer, number=APPROVED).state == "paid"
    assert len(cards_of(shop, customer)) == 1


def test_the_same_number_again_is_the_same_card_with_its_new_expiry(shop, customer, receiver):
    older = save(shop, customer)
    shop.paydesk.cards.update({"id": older["id"], "card_nickname": "Groceries"})
    made = checkout(shop, customer, receiver.url, cards={"save_cards": True})
    buy(Payer(made).open(), expiry="11/33")
    (heard,) = eventually(lambda: receiver.about(made["id"]))
    (kept,) = cards_of(shop, customer)
    same = ("id", "card_token", "card_nickname", "is_default")
    assert {name: kept[name] for name in same} == {
        **{name: older[name] for name in same},
        "card_nickname": "Groceries",
    }
    assert kept["card_expire"] == "11/33"
    assert (heard.checkout["card_id"], heard.checkout["card"]["token"]) == (
        older["id"],
        older["card_token"],
    )
    again = checkout(shop, customer, show_cards=True)
    assert use(Payer(again).open(), kept["id"]).state == "paid"


def test_the_default_comes_first_and_what_was_named_is_all_that_is_shown(shop, customer):
    first, second = save(shop, customer), save(shop, customer, number=MASTERCARD)
    assert [card["is_default"] for card in (first, second)] == [True, False]
    shown = Payer(checkout(shop, customer, show_cards=True)).open()
    assert offered(shown) == [first["id"], second["id"]]
    shop.paydesk.cards.update({"id": second["id"], "is_default": True})
    shown.open()
    assert offered(shown) == [second["id"], first["id"]]
    named = Payer(checkout(shop, customer, card_ids=[first["id"]])).open()
    assert offered(named) == [first["id"]]
    assert use(named, second["id"]).state != "paid"
    assert use(named, first["id"]).state == "paid"


def test_an_expired_card_is_shown_and_can_not_be_paid_with(shop, customer):
    card = save(shop, customer)
    _expire(shop, card)
    payer = Payer(checkout(shop, customer, show_cards=True)).open()
    assert re.search(rf'id="{card["id"]}"[^>]* disabled', payer.page.text)
    assert use(payer, card["id"]).state == "open"
    assert shop.paydesk.cards.show(card["id"])["card_status"] == "EXPIRED"


def _expire(shop, card):
    select(shop.server, "update cards set expire_year = 2020 where id = $1", card["id"])


def test_only_who_is_known_to_the_merchant_is_shown_their_cards(shop, customer):
    save(shop, customer)
    for changes in ({}, {"show_cards": False}, {"customer_id": None, "show_cards": True}):
        assert offered(Payer(checkout(shop, customer, **changes)).open()) == []


@pytest.mark.parametrize("named", ["another's", "archived", "expired", "unknown", "not saved"])
def test_a_card_that_is_no_active_one_of_the_customer_s_is_refused(shop, customer, named):
    card = save(shop, customer)
    if named == "another's":
        customer = new_customer(shop)
    if named == "archived":
        shop.paydesk.cards.archive(card["id"])
    if named == "expired":
        _expire(shop, card)
    card_id = {"unknown": "crd_01m82g11arfy28f93zdxts9mq5"}.get(named, card["id"])
    if named == "not saved":
        made = checkout(shop, customer)
        Payer(made).open().pay(number=MASTERCARD)
        query = "select card_id from transactions where checkout_id = $1"
        card_id = select(shop.server, query, made["id"])[0]["card_id"]
    body = shop.body() | {"customer_id": customer, "cards": {"card_ids": card_id}}
    del body["customer"], body["customer_fields"]
    answer = shop.post(body)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "004")
    assert faults(answer) == {"cards.card_ids": "cards_not_active"}


def test_a_payer_removes_a_card(shop, customer):
    stays, goes = save(shop, customer), save(shop, customer, number=MASTERCARD)
    payer = Payer(checkout(shop, customer, show_cards=True)).open()
    assert offered(remove(payer, goes["id"])) == [stays["id"]]
    assert shop.paydesk.cards.show(goes["id"])["card_status"] == "ARCHIVED"
    query = "select count(*) from vault.cards where id = $1"
    eventually(lambda: select(shop.server, query, goes["id"])[0]["count"] == 0)
    assert select(shop.server, query, stays["id"])[0]["count"] == 1
    # What is saved anew is another card; the archived one stays what it is.
    anew = save(shop, customer, number=MASTERCARD)
    assert anew["id"] != goes["id"]
    assert shop.paydesk.cards.show(goes["id"])["card_status"] == "ARCHIVED"


def to_save(shop, customer, *args, amount=None):
    """A checkout that is there to save a card."""
    return checkout(shop, customer, *args, mode="save", amount=amount, order=None, payment=None)


def charges(shop, reference):
    """What the acquirer's log says was done under this reference: kind, outcome and amount."""
    return [
        (line["kind"], line["outcome"], line["amount"])
        for line in shop.server.acquirer_log()
        if line["reference"] == reference
    ]


def await_reversal(shop, transaction_id):
    eventually(
        lambda: shop.paydesk.transactions.show(transaction_id)["transaction_status"] == "REVERSED"
    )


def completion(receiver, made):
    """The webhook that a checkout is paid; one that it was pending came before."""
    told = [one for one in receiver.about(made["id"]) if one.event == "checkout.completed"]
    return told and told[0]


@pytest.mark.parametrize("amount", [None, "0.00", 0])
def test_a_card_is_saved_without_a_charge(shop, customer, receiver, amount):
    made = to_save(shop, customer, receiver.url, amount=amount)
    assert made["amount"] == "0.00"
    payer = CardHolder(made).open()
    assert "No money is taken." in payer.page.text
    assert payer.pay_with_code().state == "paid"
    assert "No money was taken." in payer.page.text
    heard = eventually(lambda: completion(receiver, made))
    (card,) = cards_of(shop, customer)
    told = heard.checkout
    assert told["card"]["token"] == card["card_token"]
    transaction_id = shop.show(made)["transaction_id"]
    await_reversal(shop, transaction_id)
    assert charges(shop, transaction_id) == [
        ("authorise", "approved", 0),
        ("reverse", "approved", 0),
    ]
    query = "select count(*) from ledger_entries where transaction_id = $1"
    assert select(shop.server, query, transaction_id)[0]["count"] == 0
    assert shop.paydesk.orders.show(made["order_id"])["order_status"] == "PENDING"
    assert_all_is_well(shop.server, with_webhooks=False)


def test_a_card_saved_without_a_charge_is_charged_without_its_payer(shop, customer):
    assert (
        CardHolder(to_save(shop, customer)).pay_with_code(number="4000001200010007").state == "paid"
    )
    (card,) = cards_of(shop, customer)
    (payment,) = shop.paydesk.payments.submit(
        {
            "customer_id": customer,
            "card": {"token": card["card_token"]},
            "payment": {"amount": "100.00"},
        }
    )
    query = "select id, state from transactions where payment_id = $1"
    charge = eventually(lambda: select(shop.server, query, payment["id"]))[0]
    eventually(lambda: ("authorise", "approved", 10000) in charges(shop, charge["id"]))


def test_a_mode_that_saves_charges_what_it_is_told_and_gives_it_back(shop, customer, receiver):
    made = to_save(shop, customer, receiver.url, amount="2.00")
    payer = CardHolder(made).open()
    assert "save_card" not in payer.page.text, "whoever saves a card need not tick a box"
    assert payer.pay_with_code().state == "paid"
    heard = eventually(lambda: completion(receiver, made))
    (card,) = cards_of(shop, customer)
    assert (heard.event, heard.checkout["card_id"]) == ("checkout.completed", card["id"])
    transaction_id = shop.show(made)["transaction_id"]
    await_reversal(shop, transaction_id)
    assert {("authorise", "approved", 200), ("reverse", "approved", 200)} <= {
        *charges(shop, transaction_id)
    }
    assert shop.paydesk.orders.show(made["order_id"])["order_status"] == "PENDING"
    again = checkout(shop, customer, show_cards=True)
    assert use(Payer(again).open(), card["id"]).state == "paid"
    assert_all_is_well(shop.server, with_webhooks=False)


def test_a_verification_may_have_an_amount_of_its_own_and_no_bank_can_do_it(shop, customer):
    plain = {"amount": None, "order": None, "payment": None, "mode": "save"}
    assert checkout(shop, customer, **{**plain, "amount": "5.50"})["amount"] == "5.50"
    methods = shop.http.get("/payment-methods").json()["payment_methods"]
    bank = next(one["id"] for one in methods if one["payment_method_type"] != "CARD")
    with pytest.raises(PaydeskError) as refused:
        checkout(shop, customer, **{**plain, "payment": {"payment_methods_ids": [bank]}})
    assert refused.value.broke("no_payment_method")
    hold = {"payment_type": "PRE_AUTHORIZATION"}
    with pytest.raises(PaydeskError) as refused:
        checkout(shop, customer, **{**plain, "payment": hold})
    assert refused.value.broke("saves_card")


def test_a_page_does_not_remove_a_card_that_a_payment_charges(shop, customer):
    kept, spare = save(shop, customer), save(shop, customer, number=MASTERCARD)
    payment = {"amount": "5.00", "recurring": {"payment_interval": "MONTHLY"}}
    card = {"token": kept["card_token"]}
    shop.paydesk.payments.submit({"customer_id": customer, "card": card, "payment": payment})
    made = checkout(shop, customer, show_cards=True)
    payer = Payer(made).open()
    assert f'name="card" value="{kept["id"]}">' not in payer.page.text
    action, hidden = payer.form(f'name="card" value="{spare["id"]}">')
    forged = {**hidden, "card": kept["id"]}
    payer.post(urljoin(payer.url, action), forged)
    assert {one["id"] for one in cards_of(shop, customer)} == {kept["id"], spare["id"]}
    remove(payer, spare["id"])
    assert [one["id"] for one in cards_of(shop, customer)] == [kept["id"]]
    assert "Remove a saved card" not in payer.open().page.text


@pytest.mark.parametrize("is_archived", [False, True])
def test_a_card_is_replaced_by_a_link_and_its_payments_go_on(shop, customer, is_archived):
    old = save(shop, customer)
    shop.paydesk.cards.update({"id": old["id"], "card_nickname": "Rent"})
    (payment,) = shop.paydesk.payments.submit(
        {
            "customer_id": customer,
            "card": {"token": old["card_token"]},
            "payment": {
                "amount": "100.00",
                "recurring": {"payment_interval": "MONTHLY", "date_start": _next_week()},
            },
        }
    )
    assert shop.paydesk.cards.show(old["id"])["is_recurring"]
    if is_archived:
        shop.paydesk.cards.archive(old["id"])
    link = shop.paydesk.cards.link(old["id"], redirects=shop.body()["redirects"])
    assert link["amount"] == "0.00"
    assert CardHolder(link).pay_with_code(number=MASTERCARD).state == "paid"
    (new,) = cards_of(shop, customer)
    assert (new["card_ending"], new["is_default"], new["is_recurring"]) == ("4444", True, True)
    assert shop.paydesk.cards.show(old["id"])["card_status"] == "ARCHIVED"
    # Nothing is charged to it any more.
    answer = shop.http.post(
        f"/cards/{old['id']}/link", json={"redirects": shop.body()["redirects"]}
    )
    assert faults(answer) == {"id": "card_archived"}
    assert shop.paydesk.payments.show(payment["id"])["card"]["id"] == new["id"]
    shop.paydesk.payments.set_status(payment["id"], "STOPPED")


def test_a_link_may_bring_the_same_card_with_a_new_expiry(shop, customer):
    old = save(shop, customer)
    redirects = shop.body()["redirects"]
    link = shop.paydesk.cards.link(
        old["id"], redirects=redirects, currency_lookups_id=shop.lookup("currency", "USD")
    )
    assert link["currency"] == "USD"
    link = shop.paydesk.cards.link(old["id"], redirects=redirects)
    assert CardHolder(link).pay_with_code(expiry="10/34").state == "paid"
    (kept,) = cards_of(shop, customer)
    assert (kept["id"], kept["card_expire"]) == (old["id"], "10/34")


def _next_week():
    return str((clock.now() + timedelta(days=7)).date())
