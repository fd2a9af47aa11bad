"""`paydesk resolve`, as an operator uses it on what machines could not settle."""

import os
import subprocess
import sys

import pytest

import oracle
from paydesk.kit import ids
from world import Payer, Server, card, eventually

NO_UNDOING = {"f2": 3}  # the acquirer refuses to undo anything of this card


@pytest.fixture(scope="module")
def server(open_folder):
    """Its own: what a person says here is not what the acquirer knows."""
    running = Server(open_folder() / "data").start()
    yield running
    assert running.stop() == 0


def resolve(server, *arguments):
    command = [sys.executable, "-m", "paydesk", "resolve", *arguments, "--data", str(server.data)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    return ran.returncode, ran.stdout + ran.stderr


def stuck_payment(merchant):
    """A checkout whose payment was lost, and can't be undone either."""
    checkout = merchant.create()
    Payer(checkout).open().pay(number=card(f1=4, **NO_UNDOING))

    def attempt():
        found = merchant.http.get("/transactions", params={"checkout_id": checkout["id"]}).json()
        return found["transactions"][0]["id"]

    return checkout, attempt()


def test_what_was_paid_after_all_completes_its_checkout(server, merchant):
    checkout, attempt = stuck_payment(merchant)
    eventually(lambda: attempt in resolve(server)[1], every=0.5)
    assert resolve(server, attempt)[0] == 1
    assert resolve(server, attempt, "--done", "--not-done")[0] == 1
    code, said = resolve(server, attempt, "--done")
    assert (code, said) == (0, f"{attempt} was paid, and its merchant is told.\n")
    assert merchant.status(checkout) == "completed"
    assert attempt not in resolve(server)[1]
    assert resolve(server, attempt, "--done")[0] == 1


def test_what_was_not_paid_can_be_paid_again(server, merchant):
    checkout, attempt = stuck_payment(merchant)
    eventually(lambda: attempt in resolve(server)[1], every=0.5)
    assert resolve(server, attempt, "--not-done")[0] == 0
    assert merchant.status(checkout) == "open"
    assert Payer(checkout).open().pay().state == "paid"


def test_a_refund_nobody_knows_of_is_settled_by_a_person(server, merchant):
    checkout = merchant.create()
    Payer(checkout).open().pay(number=card(f3=7, **NO_UNDOING))
    paid = merchant.show(checkout)["transaction_id"]
    begun = merchant.http.post(f"/transactions/{paid}/refund", json={"amount": "5.00"}).json()
    refund = begun["result"]["id"]
    eventually(lambda: refund in resolve(server)[1], every=0.5)
    assert resolve(server, refund, "--not-done")[0] == 0
    shown = merchant.http.get(f"/transactions/{paid}").json()["result"]
    assert shown["amount_refunded"] == "0.00"
    assert shown["modifications"][0]["modification_status"] == "DECLINED"


def test_money_for_nobody_is_listed_until_a_person_has_dealt_with_it(server):
    (made,) = oracle.select(
        server,
        """
        insert into unclaimed_deposits (
            id, bank, provider_id, reference, amount, currency, sender
        ) values ($1, 'sandbox-bank', $1, 'rent march', 7550, 'ZAR', 'S. Ender') returning id
        """,
        ids.new("dep"),
    )
    doctor = server.command("doctor").stdout
    assert "sums at banks that are for nobody: 1." in doctor
    listed = resolve(server)[1]
    assert f"{made['id']}  ZAR 75.50 for nobody from S. Ender, at sandbox-bank" in listed
    assert resolve(server, made["id"], "--not-done")[0] == 1
    assert resolve(server, made["id"], "--done") == (0, f"{made['id']} is dealt with.\n")
    assert made["id"] not in resolve(server)[1]
    assert "for nobody" not in server.command("doctor").stdout


def test_the_ledger_is_verified_by_a_command(server, merchant):
    checkout = merchant.create()
    Payer(checkout).open().pay()
    command = [sys.executable, "-m", "paydesk", "verify", "--data", str(server.data)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("entries, nothing wrong\n")
