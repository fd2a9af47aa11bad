"""The calls that docs/api.md shows, and the records that the ids in them stand for."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from banking import BankPayer
from issuing import CardHolder
from paydesk.kit import ids
from paydesk.web.api.table import OPERATIONS
from world import Receiver, eventually

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
KINDS = {
    "checkout": "chk",
    "orders": "ord",
    "customers": "cus",
    "cards": "crd",
    "payments": "pay",
    "transactions": "tra",
    "invoices": "inv",
    "events": "web",
    "webhooks": "web",
    "webhook-endpoints": "whe",
}
AN_ID = re.compile(r"(chk|ord|cus|crd|pay|tra|inv|web|whe)_[0-9a-z]{26}")


@dataclass(frozen=True)
class Shown:
    """A call as the page shows it. request and reply are JSON texts, None where there is none."""

    method: str
    path: str
    request: str | None
    reply: str | None


def block(text, language):
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return found and found[1]


def shown_calls():
    """Every call of the page, in its order."""
    for section in PAGE.read_text().split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        named = re.fullmatch(r"(GET|POST) (/\S+)", heading)
        if named:
            yield Shown(*named.groups(), block(text, "json request"), block(text, "json reply"))


def example(method, path):
    """The request that the OpenAPI document gives for this call."""
    (operation,) = (one for one in OPERATIONS if (one.method, one.path) == (method, path))
    return operation.example


def ask(merchant, call, *, prefix=""):
    """The answer to a shown call, its ids those of records that are made for it."""

    def made(kind):
        return make(
            merchant,
            kind,
            is_held=call.path.endswith(("/capture", "/void")),
            is_by_hand=call.path.endswith("/receive"),
        )

    path = call.path.replace("{type}", "payment_type").replace("{status}", "PAUSED")
    if "{payment_methods_id}" in path:
        method = merchant.http.get("/payment-methods").json()["payment_methods"][0]["id"]
        path = path.replace("{payment_methods_id}", method)
    kind = KINDS.get(path.split("/")[1])
    if "{id}" in path:
        path = path.replace("{id}", made(kind))
    elif call.method == "GET" and kind is not None:
        made(kind)  # what a list begins with
    body = None
    if call.request is not None:
        body = json.loads(AN_ID.sub(lambda found: made(found[1]), call.request))
        if path == "/customers/create":
            body["reference"] = ids.new("CLN").replace("_", "")  # each is taken once
        if path == "/payments/submit":
            body["payments"][0] |= saved_card(merchant)
    return merchant.http.request(call.method, prefix + path, json=body)


def make(merchant, kind, *, is_held=False, is_by_hand=False):
    """The id of a new record of this kind; a payment is only held, or by hand, if asked for."""
    if kind in {"ord", "cus"}:
        path = {"ord": "/orders/create", "cus": "/customers/create"}[kind]
        body = {**example("POST", path)}
        if kind == "cus":
            body["reference"] = ids.new("CLN").replace("_", "")
        answer = merchant.http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"][0]["id"]
    if kind == "whe":
        body = example("POST", "/webhook-endpoints")
        return merchant.http.post("/webhook-endpoints", json=body).json()["result"]["id"]
    if kind == "crd":
        return _saved_card_id(merchant)
    if kind == "pay":
        body = {**example("POST", "/payments/submit")}
        body["payments"] = [{**body["payments"][0], **saved_card(merchant)}]
        return merchant.http.post("/payments/submit", json=body).json()["results"][0]["id"]
    if kind == "web":
        return _heard(merchant)
    payment = {"payment": {"payment_type": "PRE_AUTHORIZATION"}} if is_held else {}
    checkout = merchant.create(**payment)
    if kind == "chk":
        return checkout["id"]
    payer = BankPayer(checkout).open()
    payer.pay_by("PAYIN") if is_by_hand else payer.pay()
    if kind == "inv":
        return merchant.paydesk.invoices.list(checkout_id=checkout["id"]).entries[0]["id"]
    return merchant.show(checkout)["transaction_id"]


@cache
def saved_card(merchant, **card):
    """The customer and token of a card that its payer had saved, as a payment names them."""
    checkout = merchant.create(mode="save")
    assert CardHolder(checkout).pay_with_code(**card).state == "paid"
    customer_id = merchant.show(checkout)["customer_id"]
    newest = merchant.http.get("/cards", params={"customer_id": customer_id}).json()["records"][0]
    return {"customer_id": customer_id, "card": {"token": newest["card_token"]}}


def _saved_card_id(merchant):
    """The id of a card that a new customer has just saved, with its number in the vault."""
    described = merchant.body()["customer"] | {"reference": ids.new("cus")}
    checkout = merchant.create(mode="save", customer=described)
    assert CardHolder(checkout).pay_with_code().state == "paid"
    customer_id = merchant.show(checkout)["customer_id"]
    return merchant.paydesk.cards.list(customer_id=customer_id).entries[0]["id"]


def _heard(merchant):
    """The id of a webhook that was delivered, and that is in the feed."""
    receiver = Receiver()
    checkout = merchant.create(receiver.url)
    assert merchant.http.post(f"/checkout/page/{checkout['id']}/cancel").status_code == 200
    (heard,) = eventually(lambda: receiver.about(checkout["id"]))
    event_id = heard.headers["webhook-id"]

    def shown():
        return merchant.http.get(f"/webhooks/{event_id}").json()["result"]

    eventually(lambda: shown()["tries"])
    newest = {"cursor": None}

    def is_in_feed():
        asked = {name: value for name, value in newest.items() if value}
        page = merchant.http.get("/events", params={"limit": 100, **asked}).json()
        newest["cursor"] = page["next_cursor"]
        return event_id in [one["id"] for one in page["results"]]

    eventually(is_in_feed)
    receiver.close()
    return event_id
