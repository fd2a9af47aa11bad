"""A stolen link: whoever has a page's address alone never pays with a saved card.

Source: reliability paper, WEB-9. A hundred ways to try, each with what a thief may have: the page,
its tokens, ids that were seen elsewhere, and no security code; or a code and something else wrong.
"""

import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

import httpx2
import pytest

from oracle import select
from paydesk.kit import ids
from world import APPROVED, Payer, card

MASTERCARD = "5555 5555 5555 4444"
AMEX = "3782 822463 10005"


@dataclass
class Victim:
    """A customer with cards, and what a thief could have got hold of."""

    shop: object
    customer: str
    card: dict
    second: dict
    stolen: dict


def new_customer(shop):
    named = {"person_name": "Jo", "person_surname": "Doe", "email": "jo@mail.com"}
    (made,) = shop.paydesk.customers.create(named | {"reference": secrets.token_hex(8)})
    return made["id"]


def checkout(shop, customer, **changes):
    body = shop.body()
    for name in ("customer", "customer_fields", "cards"):
        del body[name]
    body |= {"customer_id": customer, "cards": {"show_cards": True}, **changes}
    body = {name: value for name, value in body.items() if value is not None}
    return shop.paydesk.checkouts.create(**body)


def save(shop, customer, **typed):
    made = checkout(shop, customer, cards={"save_cards": True})
    payer = Payer(made).open()
    url, data = payer.prepared(**typed)
    payer.page = payer.post(url, data | {"save_card": "yes"})
    assert payer.state == "paid"
    return shop.paydesk.cards.list(customer_id=customer).entries[0]


@pytest.fixture(scope="module")
def shop(server):
    return server.merchant_with(server.new_merchant("Robbed shop")["test"])


@pytest.fixture(scope="module")
def victim(server, shop):
    customer, other = new_customer(shop), new_customer(shop)
    first, second = save(shop, customer), save(shop, customer, number=card())
    elsewhere = server.merchant_with(server.new_merchant("Another shop")["test"])
    archived = save(shop, customer, number=AMEX, code="1234")
    shop.paydesk.cards.archive(archived["id"])
    expired = save(shop, customer, number=MASTERCARD)
    select(server, "update cards set expire_year = 2020 where id = $1", expired["id"])
    lost = save(shop, customer, number=card(0, 0, 1))
    select(server, "update cards set is_lost = true where id = $1", lost["id"])
    once = checkout(shop, customer, cards={"save_cards": True})
    Payer(once).open().pay(number=MASTERCARD)
    used = "select card_id from transactions where checkout_id = $1"
    return Victim(
        shop,
        customer,
        first,
        second,
        {
            "another customer's": save(shop, other)["id"],
            "another account's": save(elsewhere, new_customer(elsewhere))["id"],
            "archived": archived["id"],
            "expired": expired["id"],
            "lost by the vault": lost["id"],
            "paid with once and not saved": select(server, used, once["id"])[0]["card_id"],
        },
    )


class Thief(Payer):
    """Somebody with the address of a page, and no card."""

    def __init__(self, made):
        super().__init__(made)
        self.open()
        self.action, self.hidden = self.form("cc-number")

    def tries(self, *, path=None, without=(), **fields):
        """Posts the page's own form with these fields changed, and some left out."""
        data = {"card_security_code": "123", **self.hidden, **fields}
        data = {name: value for name, value in data.items() if name not in without}
        self.page = self.post(urljoin(self.url, path or self.action), data)


def codes(victim):
    """No security code, or none that fits the card."""
    wrong = {
        "none": "",
        "blank": " ",
        "one digit": "1",
        "two digits": "12",
        "four digits": "1234",
        "many digits": "123456789012",
        "letters": "abc",
        "a digit too few and a blank": "12 ",
        "a digit and letters": "1a3",
        "Arabic digits": "١٢٣",
        "full-width digits": "１２３",
        "superscripts": "¹²³",
        "a minus": "-12",
        "a point": "1.2",
        "an exponent": "1e2",
        "stars": "***",
        "the last four": victim.card["card_ending"],
        "the number's end and more": victim.card["card_ending"] + "1",
        "null": "null",
        "a placeholder": "{{security_code}}",
        "a list": "[1,2,3]",
        "a query": "' or 1=1 --",
        "the card's token": victim.card["card_token"],
        "the expiry": "12/30",
        "hexadecimal": "0x7",
        "a tab": "\t",
        "a zero-width space": "12\u200b",
        "very long": "1" * 600,
    }
    for name, code in wrong.items():
        yield (
            f"code: {name}",
            lambda thief, code=code: thief.tries(card=victim.card["id"], card_security_code=code),
        )
    yield (
        "code: left out",
        lambda thief: thief.tries(card=victim.card["id"], without=["card_security_code"]),
    )
    for name in ("code", "cvv", "cvc", "security_code", "card_cvc", "csc"):
        yield (
            f"code: as {name}",
            lambda thief, name=name: thief.tries(
                card=victim.card["id"], without=["card_security_code"], **{name: "123"}
            ),
        )
    yield (
        "code: in the address",
        lambda thief: thief.tries(
            path=f"{thief.action}?card_security_code=123",
            card=victim.card["id"],
            without=["card_security_code"],
        ),
    )
    yield (
        "code: in the name's place",
        lambda thief: thief.tries(card=victim.card["id"], card_security_code="", card_name="123"),
    )


def cards(victim):
    """A right code, and a card that is not this page's payer's to use."""
    own = victim.card
    for name, card_id in victim.stolen.items():
        yield f"card: {name}", lambda thief, card_id=card_id: thief.tries(card=card_id)
        yield (
            f"card: {name}, four digits",
            lambda thief, card_id=card_id: thief.tries(card=card_id, card_security_code="1234"),
        )
    odd = {
        "unknown": ids.new("crd"),
        "none": "",
        "new, with no number": "new",
        "in capitals": own["id"].upper(),
        "with a blank": f"{own['id']} ",
        "begun with a blank": f" {own['id']}",
        "without its prefix": own["id"].removeprefix("crd_"),
        "cut": own["id"][:-1],
        "with more": f"{own['id']}0",
        "its token": own["card_token"],
        "its name": "Visa ending in 4242",
        "its ending": "4242",
        "its customer": victim.customer,
        "two": f"{own['id']},{own['id']}",
        "a list": json.dumps([own["id"]]),
        "a wildcard": "%",
        "a query": f"{own['id']}' or '1'='1",
        "a path": f"../{own['id']}",
        "in full-width letters": own["id"].replace("c", "ｃ"),
        "true": "true",
        "a number": "1",
    }
    for name, value in odd.items():
        yield f"card: {name}", lambda thief, value=value: thief.tries(card=value)
    for name in ("card_id", "saved_card", "card[]", "cards", "token", "card_token", "crd"):
        yield f"card: as {name}", lambda thief, name=name: thief.tries(**{name: own["id"]})
    yield (
        "card: twice",
        lambda thief: thief.post(
            urljoin(thief.url, thief.action),
            {**thief.hidden, "card": [own["id"], own["id"]], "card_security_code": "123"},
        ),
    )


def tokens(victim):
    """The right card and code, and no token of this page's own form."""
    own, shop = victim.card["id"], victim.shop
    other = Thief(checkout(shop, victim.customer))
    cheaper = Thief(checkout(shop, victim.customer, amount="1.00", order=None))

    def sent(token):
        return lambda thief: thief.tries(card=own, attempt=token(thief))

    def purpose(sign, name):
        return lambda thief: thief.form(sign)[1][name]

    yield "token: none", lambda thief: thief.tries(card=own, without=["attempt"])
    for name, token in {
        "empty": lambda _: "",
        "random": lambda _: secrets.token_hex(32),
        "another page's": lambda _: other.hidden["attempt"],
        "a cheaper page's": lambda _: cheaper.hidden["attempt"],
        "that of cancelling": purpose('name="cancel"', "cancel"),
        "that of removing": purpose('name="remove"', "remove"),
        "cut": lambda thief: thief.hidden["attempt"][:-1],
        "with more": lambda thief: thief.hidden["attempt"] + "0",
        "changed": lambda thief: thief.hidden["attempt"][::-1],
        "the page's own": lambda thief: thief.url.rsplit("/", 1)[1],
        "the card's": lambda _: victim.card["card_token"],
    }.items():
        yield f"token: {name}", sent(token)


def pages(victim):
    """The right card and code, on a page that offers it to nobody."""
    shop, own = victim.shop, victim.card["id"]
    stranger = new_customer(shop)
    typed = {"customer_id": None}
    made = {
        "that shows no cards": checkout(shop, victim.customer, cards=None),
        "that shows another alone": checkout(
            shop, victim.customer, cards={"card_ids": [victim.second["id"]]}
        ),
        "of another customer": checkout(shop, stranger),
        "that asks who pays": checkout(shop, None, **typed),
        "that saves a card": checkout(
            shop, victim.customer, mode="save", amount="2.00", order=None
        ),
    }
    for name, page in made.items():
        yield (
            f"page: {name}",
            lambda _thief, page=page: Thief(page).tries(
                card=own,
                **{
                    "customer.person_name": "Jo",
                    "customer.person_surname": "Doe",
                    "customer.email": "jo@mail.com",
                },
            ),
        )

    def after(ending):
        page = checkout(shop, victim.customer, amount="5.00", order=None)
        thief = Thief(page)
        ending(page)
        return lambda _thief: thief.tries(card=own)

    def paid(page):
        payer = Payer(page).open()
        url, data = payer.prepared(number=APPROVED)
        payer.page = payer.post(url, data | {"card": "new"})
        assert payer.state == "paid"

    yield "page: that is paid", after(paid)
    yield "page: that is cancelled", after(lambda page: shop.paydesk.checkouts.cancel(page["id"]))
    yield (
        "page: whose amount has changed",
        after(lambda page: shop.paydesk.checkouts.change(page["id"], amount="6.00")),
    )


def requests(victim):
    """The right card, and a request that is no form of the page."""
    own = victim.card["id"]

    def send(method, path="/pay", **sent):
        def attack(thief):
            data = {**thief.hidden, "card": own, "card_security_code": "123"}
            made = {name: value(data) for name, value in sent.items()}
            httpx2.request(method, thief.url + path, timeout=30, **made)

        return attack

    def form(data):
        return data

    yield "request: GET", send("GET", params=form)
    yield "request: HEAD", send("HEAD", params=form)
    yield "request: PUT", send("PUT", data=form)
    yield "request: PATCH", send("PATCH", data=form)
    yield "request: to the page itself", send("POST", path="", data=form)
    yield "request: JSON", send("POST", json=form)
    yield "request: all in the address", send("POST", params=form)
    yield "request: code again", send("POST", path="/code", data=form)
    yield "request: cancel", send("POST", path="/cancel", data=form)
    yield "request: more time", send("POST", path="/extend", data=form)
    yield "request: a bank's return", send("GET", path="/bank", params=form)
    yield (
        "request: as text",
        send("POST", content=lambda data: urlencode({**data, "attempt": ""}).encode()),
    )


def test_a_stolen_link_alone_never_pays_with_a_saved_card(server, shop, victim):
    variants = [
        *codes(victim),
        *cards(victim),
        *tokens(victim),
        *pages(victim),
        *requests(victim),
    ]
    names = [name for name, _ in variants]
    assert len(set(names)) == len(names) >= 100
    page = checkout(shop, victim.customer)
    with_saved = """
        select t.id from transactions t join cards k on k.id = t.card_id
        where k.saved_as is not null and t.state <> 'declined'
    """
    before = select(server, with_saved)
    paid = []
    for name, attack in variants:
        attack(Thief(page))
        now = select(server, with_saved)
        if now != before or shop.status(page) != "open":
            paid.append(name)
            before, page = now, checkout(shop, victim.customer)
    assert paid == []
    # The control: the very same page and form, with the card and its code.
    thief = Thief(page)
    thief.tries(card=victim.card["id"])
    assert thief.state == "paid"
    assert len(select(server, with_saved)) == len(before) + 1
