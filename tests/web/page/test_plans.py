"""The page of a recurring payment: what its payer agreed to, sees, and can stop."""

import re
from datetime import UTC, datetime
from html import unescape

import httpx2
import pytest

from issuing import CardHolder
from oracle import select
from paydesk.kit import ids
from web.page.conftest import plan_html
from world import Payer

WEEKLY = {"payment_interval": "WEEKLY"}


@pytest.fixture(scope="module")
def own(server):
    return server.merchant_with(server.new_merchant("Karoo <Gym>")["test"])


def begun(own, **schedule):
    """A paid recurring checkout's payment, and the address of its page."""
    checkout = own.create(mode="recurring", payment={"recurring": schedule})
    html = CardHolder(checkout).pay_with_code().page.text
    (path,) = re.findall(r'href="(/plan/[^"]+)"', html)
    (payment,) = own.paydesk.payments.list(checkout_id=checkout["id"]).entries
    return payment, own.server.base_url + unescape(path)


def test_the_checkout_says_what_is_charged_when_and_until_when(own):
    checkout = own.create(mode="recurring", payment={"recurring": WEEKLY})
    html = unescape(Payer(checkout).open().page.text)
    (said,) = re.findall(r'<p class="hint terms">(.+)</p>', html)
    assert "Karoo <Gym> saves your card and charges it again without asking" in said
    assert "R1\xa0200.00 every week, next on" in said
    assert said.endswith("until you stop it.")
    assert "Agree and pay" in html
    ending = own.create(
        mode="recurring", payment={"recurring": {**WEEKLY, "date_end": "2040-01-31"}}
    )
    assert "and not after 31\xa0January 2040." in unescape(Payer(ending).open().page.text)


def test_what_the_payer_agreed_to_is_kept_with_the_payment(own):
    payment, _ = begun(own, **WEEKLY)
    (row,) = select(own.server, "select consent from payments where id = $1", payment["id"])
    assert row["consent"].startswith("By paying you agree that Karoo <Gym> saves your card")
    assert payment["card"]["token"]


def test_its_payer_sees_it_and_stops_it(own):
    payment, url = begun(own, payment_interval="MONTHLY")
    page = httpx2.get(url)
    assert "Your payments to Karoo &lt;Gym&gt;" in page.text
    assert "every month" in page.text
    assert "--brand:#00dc82" in page.text
    question = httpx2.get(f"{url}/stop")
    (token,) = re.findall(r'name="stop" value="([^"]+)"', question.text)
    after = httpx2.post(f"{url}/stop", data={"stop": unescape(token)}, follow_redirects=True)
    assert "These payments have ended." in after.text
    assert "/stop" not in after.text
    assert own.paydesk.payments.show(payment["id"])["payment"]["payment_status"] == "CANCELLED"
    again = httpx2.post(f"{url}/stop", data={"stop": unescape(token)}, follow_redirects=True)
    assert again.status_code == 200


def test_a_form_from_elsewhere_stops_nothing(own):
    payment, url = begun(own, **WEEKLY)
    for data in ({}, {"stop": ""}, {"stop": "x" * 24}):
        httpx2.post(f"{url}/stop", data=data, follow_redirects=True)
    assert own.paydesk.payments.show(payment["id"])["payment"]["payment_status"] == "RUNNING"


def test_another_s_address_is_none(own):
    payment, url = begun(own, **WEEKLY)
    head, id_, token = url.rpartition("/plan/")[0], payment["id"], url.rpartition("/")[2]
    for wrong in (
        f"{head}/plan/{id_}/{'A' * 24}",
        f"{head}/plan/{ids.new('pay')}/{token}",
        f"{head}/plan/{id_}/{token}x",
        f"{head}/plan/chk_1/{token}",
    ):
        assert httpx2.get(wrong).status_code == 404
        assert httpx2.post(f"{wrong}/stop", data={"stop": "x"}).status_code == 404


def test_a_paused_payment_names_no_day(own):
    payment, url = begun(own, **WEEKLY)
    own.paydesk.payments.set_status(payment["id"], "PAUSED")
    html = httpx2.get(url).text
    assert "has paused these payments" in html
    assert "Next payment" not in html


def test_a_charge_that_was_declined_is_told_with_the_day_of_its_next_try():
    again = datetime(2026, 12, 23, 4, 0, tzinfo=UTC)
    html = plan_html(decline_reason="insufficient_funds", try_number=2, charge_at=again)
    assert "Your payment to Karoo Coffee Roasters was declined" in html
    assert "23\xa0December 2026" in html
    assert "22\xa0December 2026" not in html
    assert "Get in touch with Karoo Coffee Roasters: accounts@shop.example" in html
