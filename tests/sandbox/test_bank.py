"""The sandbox bank over its sockets: every ending, lost answers, restarts, what it tells."""

import hmac
import html
import json
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from paydesk.sandbox.journal import Journal
from paydesk.sandbox.payments import MOVES, Course, State, course_of

_PROGRAM = """
import socket, sys
from pathlib import Path
from paydesk.sandbox.program import Bank, run_sandbox
port, bank, log = sys.argv[1:]
listen = lambda port: socket.create_server(("127.0.0.1", int(port)))
bank = Bank(listening=listen(bank))
run_sandbox(listening=listen(port), bank=bank, log_path=Path(log), speed=0.01)
"""
FAR_AWAY = 4_000_000_000


class Shop:
    """Hears notifications; answers the first of a reference with 500, as many as it is told."""

    def __init__(self):
        self.heard = []
        self.refusals = {}
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                shop.heard.append((dict(self.headers), body))
                reference = json.loads(body)["reference"]
                left = shop.refusals.get(reference, 0)
                shop.refusals[reference] = left - 1
                self.send_response(500 if left > 0 else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/notify"

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Bank:
    """The program, as a shop and as a payer's browser see it."""

    def __init__(self, folder, ports, shop):
        self.port, self.bank_port = ports
        self.folder, self.shop = folder, shop
        self.process = None

    def start(self):
        command = [sys.executable, "-c", _PROGRAM, str(self.port), str(self.bank_port)]
        self.process = subprocess.Popen([*command, str(self.folder / "acquirer.jsonl")])
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            try:
                httpx2.get(f"http://127.0.0.1:{self.port}/health", trust_env=False)
            except httpx2.TransportError:
                time.sleep(0.02)
            else:
                return self
        raise AssertionError("the bank did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def send(self, method, path, *, key="sandbox", **more):
        with httpx2.Client(trust_env=False, timeout=30) as client:
            return client.request(
                method,
                f"http://127.0.0.1:{self.bank_port}{path}",
                headers={"Authorization": f"Bearer {key}"},
                **more,
            )

    def body(self, reference, **changes):
        return {
            "reference": reference,
            "amount": 120000,
            "currency": "ZAR",
            "kind": "eft",
            "return_url": "http://127.0.0.1:1/back?token=t",
            "notify_url": self.shop.url,
            "expires_at": FAR_AWAY,
            **changes,
        }

    def ask(self, reference, **changes):
        return self.send("POST", "/v1/payments", json=self.body(reference, **changes))

    def result(self, reference):
        return self.send("GET", f"/v1/payments/{reference}").json()["result"]

    def press(self, page, step):
        return self.send("POST", page, data={"step": step})

    def credit(self, reference, amount):
        body = {"reference": reference, "amount": amount, "currency": "ZAR", "sender": "T Payer"}
        return self.send("POST", "/v1/credits", json={**body, "notify_url": self.shop.url})

    def refund(self, reference, of, amount):
        body = {"reference": reference, "of": of, "amount": amount, "currency": "ZAR"}
        return self.send("POST", "/v1/refunds", json=body)

    def log(self):
        journal = Journal(self.folder / "bank.jsonl")
        try:
            return journal.entries()
        finally:
            journal.close()

    def events(self, reference):
        return [line["event"] for line in self.log() if line["reference"] == reference]


@pytest.fixture(scope="module")
def shop():
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def bank(tmp_path_factory, free_ports, shop):
    bank = Bank(tmp_path_factory.mktemp("bank"), free_ports(2), shop).start()
    yield bank
    bank.kill()


def test_a_payer_pays_on_the_banks_page(bank):
    asked = bank.ask("paid").json()
    assert asked["result"] == "open"
    page = bank.send("GET", asked["page"])
    assert "ZAR 1,200.00" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]

    after = bank.press(asked["page"], "approve")

    assert 'href="http://127.0.0.1:1/back?token=t"' in html.unescape(after.text)
    assert bank.result("paid") == "paid"


@pytest.mark.parametrize(
    ("step", "result"), [("refuse", "refused"), ("cancel", "cancelled"), ("approve", "paid")]
)
@pytest.mark.parametrize("kind", ["eft", "qr"])
def test_each_button_ends_a_payment_once(bank, kind, step, result):
    reference = f"{kind}-{step}"
    page = bank.ask(reference, kind=kind).json()["page"]

    for pressed in (step, "approve", "refuse", "cancel", "later"):
        bank.press(page, pressed)

    assert bank.result(reference) == result
    assert bank.events(reference).count("move") == 1


def test_a_later_payment_waits_cannot_be_cancelled_and_is_paid(bank, eventually):
    page = bank.ask("later").json()["page"]
    bank.press(page, "later")

    moves = [
        line["state"] for line in bank.log() if line["reference"] == "later" and "state" in line
    ]
    assert moves[0] == "waiting"
    assert bank.send("POST", "/v1/payments/later/cancel").json()["result"] in ("waiting", "paid")
    eventually(lambda: bank.result("later") == "paid")


@pytest.mark.parametrize(("amount", "result"), [(10091, "paid"), (10092, "refused")])
def test_an_amount_decides_by_itself(bank, amount, result):
    assert bank.ask(f"amount-{amount}", amount=amount).json()["result"] == result


def test_a_lost_answer_leaves_the_payment_open(bank):
    with pytest.raises(httpx2.TransportError):
        bank.ask("lost", amount=10094)

    assert bank.result("lost") == "open"


def test_a_lost_request_never_happened_and_can_be_fenced(bank):
    with pytest.raises(httpx2.TransportError):
        bank.ask("never", amount=10095)
    assert bank.send("GET", "/v1/payments/never").status_code == 404

    assert bank.send("POST", "/v1/payments/never/cancel").json()["result"] == "cancelled"

    assert bank.ask("never", amount=10091).json()["result"] == "cancelled"


def test_the_same_asked_again_is_the_same_payment_and_other_is_a_conflict(bank):
    first = bank.ask("again").json()

    assert bank.ask("again").json() == first
    assert bank.ask("again", amount=1).status_code == 409
    assert bank.events("again") == ["ask"]


def test_a_payment_that_ran_out_cannot_be_paid(bank):
    page = bank.ask("late", expires_at=1).json()["page"]

    bank.press(page, "approve")

    assert bank.result("late") == "expired"


def test_a_cancelled_payment_cannot_be_paid_and_a_paid_one_not_cancelled(bank):
    page = bank.ask("gone").json()["page"]
    bank.send("POST", "/v1/payments/gone/cancel")
    bank.press(page, "approve")
    assert bank.result("gone") == "cancelled"

    bank.ask("stays", amount=10091)
    assert bank.send("POST", "/v1/payments/stays/cancel").json()["result"] == "paid"


def test_money_by_hand_is_listed_under_its_reference(bank):
    bank.credit("PD-1", 500)
    bank.credit("PD-1", 700)

    listed = bank.send("GET", "/v1/credits", params={"reference": "PD-1"}).json()["credits"]
    assert [one["amount"] for one in listed] == [500, 700]
    assert len({one["id"] for one in listed}) == 2


def statement(bank, after=""):
    return bank.send("GET", "/v1/statement", params={"after": after}).json()


def test_a_statement_lists_all_that_came_by_hand_page_by_page(bank):
    before = statement(bank)
    while before["has_more"]:
        before = statement(bank, before["next"])
    sent = [bank.credit(f"ST-{number % 7}", number).json()["id"] for number in range(1, 102)]

    first = statement(bank, before["next"])
    rest = statement(bank, first["next"])

    assert [one["id"] for one in first["credits"] + rest["credits"]] == sent
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert first["next"] == sent[99]
    end = statement(bank, rest["next"])
    assert end == {"credits": [], "next": sent[-1], "has_more": False}


def test_a_statement_after_an_unknown_sum_is_the_whole(bank):
    bank.credit("ST-8", 800)

    assert statement(bank, "bnk_unknown") == statement(bank)


def test_no_more_goes_back_than_came(bank):
    bank.ask("back", amount=10091)
    credit = bank.credit("PD-2", 500).json()["id"]

    assert bank.refund("r1", "back", 10000).json()["result"] == "done"
    assert bank.refund("r1", "back", 10000).json()["result"] == "done"
    assert bank.refund("r2", "back", 92).json()["result"] == "refused"
    assert bank.refund("r3", "back", 91).json()["result"] == "done"
    assert bank.refund("r1", "back", 1).status_code == 409
    assert bank.refund("r4", credit, 500).json()["result"] == "done"
    assert bank.refund("r5", "unknown", 1).json()["result"] == "refused"
    bank.ask("unpaid")
    assert bank.refund("r6", "unpaid", 1).json()["result"] == "refused"
    assert bank.send("GET", "/v1/refunds/r2").json()["result"] == "refused"
    assert bank.send("GET", "/v1/refunds/r9").status_code == 404


def test_a_notification_is_signed_and_says_only_what_to_ask_for(bank, shop, eventually):
    asked = bank.ask("told", amount=10091).json()
    eventually(lambda: "tell" in bank.events("told"))

    ((headers, body),) = [one for one in shop.heard if json.loads(one[1])["reference"] == "told"]
    assert json.loads(body) == {"id": asked["id"], "reference": "told"}
    key = (bank.folder / "bank.key").read_bytes()
    signed = headers["X-Bank-Timestamp"].encode() + b"." + body
    assert headers["X-Bank-Signature"] == hmac.digest(key, signed, "sha256").hex()


def test_a_notification_is_told_again_until_it_is_heard(bank, shop, eventually):
    shop.refusals["PD-3"] = 2
    bank.credit("PD-3", 1)
    eventually(lambda: "tell" in bank.events("PD-3"))

    heard = [body for _, body in shop.heard if json.loads(body)["reference"] == "PD-3"]
    assert len(heard) == 3
    (told,) = [
        line for line in bank.log() if (line["event"], line["reference"]) == ("tell", "PD-3")
    ]
    assert told["status"] == 204


def test_a_kill_loses_nothing_and_what_was_untold_is_told(tmp_path, free_ports, shop, eventually):
    bank = Bank(tmp_path, free_ports(2), shop).start()
    try:
        page = bank.ask("kept").json()["page"]
        bank.press(bank.ask("waits").json()["page"], "later")
        bank.credit("PD-4", 300)
        bank.kill()
        bank.start()

        assert bank.ask("kept").json()["page"] == page
        eventually(lambda: bank.result("waits") == "paid")
        eventually(lambda: "tell" in bank.events("PD-4"))
        assert bank.refund("r", "waits", 120000).json()["result"] == "done"
        bank.kill()
        bank.start()
        assert bank.refund("r", "waits", 120000).json()["result"] == "done"
        assert bank.events("r") == ["refund"]
    finally:
        bank.kill()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", ""),
        ("amount", 0),
        ("amount", True),
        ("amount", "12"),
        ("currency", "XXY"),
        ("kind", "cheque"),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "https://example.com/"),
        ("notify_url", "http://10.0.0.1/"),
        ("expires_at", None),
    ],
)
def test_what_is_not_right_is_refused_and_leaves_no_trace(bank, field, value):
    body = bank.body("wrong") | {field: value}
    answer = bank.send("POST", "/v1/payments", json=body)

    assert (answer.status_code, answer.json()["result"]) == (400, "invalid")
    assert field in answer.json()["field"] or field == "kind"
    assert [line for line in bank.log() if line["reference"] in ("wrong", "")] == []


def test_without_the_key_nobody_gets_in(bank):
    assert bank.send("GET", "/v1/payments/paid", key="other").status_code == 401


@pytest.mark.parametrize("step", ["expire", "", "pay"])
def test_a_browser_cannot_take_other_steps(bank, step):
    page = bank.ask(f"step-{step}").json()["page"]

    assert bank.press(page, step).status_code == 404
    assert bank.result(f"step-{step}") == "open"


def test_an_unknown_page_says_so(bank):
    assert bank.send("GET", "/pay/nothing").status_code == 404


def test_page_addresses_cannot_be_guessed(bank):
    pages = {bank.ask(f"guess-{number}").json()["page"] for number in range(3)}

    assert len(pages) == 3
    assert all(re.fullmatch(r"/pay/[\w-]{32}", page) for page in pages)


def test_final_states_have_no_way_out():
    final = {State.PAID, State.REFUSED, State.CANCELLED, State.EXPIRED}
    assert {before for before, _ in MOVES} == set(State) - final


@pytest.mark.parametrize("amount", [100, 120000, 99, 1])
def test_ordinary_amounts_ask_the_payer(amount):
    assert course_of(amount) is Course.ASKS_PAYER
