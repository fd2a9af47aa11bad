"""When the paid page goes on to the shop, and when an early or suspected payer does."""

import re

import pytest

from paydesk.checkouts.model import LastAttempt
from paydesk.checkouts.states import State
from paydesk.languages import ENGLISH
from paydesk.web.page.back import refresh_seconds, wait_seconds
from paydesk.web.page.pages import PageName, page_of, render
from paydesk.web.page.view import view_of

PAID = {"state": State.COMPLETED}
DECLINED = LastAttempt("tra_1", "declined_generic", waits=False)


@pytest.mark.parametrize(
    ("changes", "waits", "refreshes"),
    [
        ({}, 10, 5),
        ({"paid_seconds": 3}, 7, 2),
        ({"paid_seconds": 5}, 5, 1),
        ({"paid_seconds": 9}, 1, 1),
        ({"paid_seconds": 10}, 0, 1),
        ({"paid_seconds": 3600}, 0, 5),
        ({"is_acknowledged": True}, 0, 5),
        ({"is_acknowledged": True, "paid_seconds": 6}, 0, 1),
        ({"redirect_wait_seconds": 0}, 5, 5),
        ({"redirect_wait_seconds": 0, "paid_seconds": 5}, 0, 1),
        ({"redirect_wait_seconds": 30, "paid_seconds": 20}, 15, 1),
    ],
)
def test_how_long_a_paid_page_waits_for_the_shop(checkout, changes, waits, refreshes):
    page = checkout(**PAID, **changes)
    assert (wait_seconds(page), refresh_seconds(page)) == (waits, refreshes)


def refresh(text):
    return re.search(r'<noscript><meta http-equiv="refresh" content="([^"]+)"', text)[1]


def test_without_script_it_looks_again_until_the_shop_has_heard(checkout, html):
    waiting = html(checkout(**PAID))
    assert refresh(waiting) == "5; url=/checkout/cs_test_abc"
    assert " data-wait" in waiting
    heard = html(checkout(**PAID, is_acknowledged=True))
    assert refresh(heard) == "5; url=https://shop.example/thanks?order=42&amp;by=card"
    assert " data-wait" not in heard


def test_a_cancelled_page_waits_for_nobody(checkout, html):
    text = html(checkout(state=State.CANCELLED))
    assert refresh(text).startswith("5; url=https://shop.example/cart")
    assert " data-wait" not in text


def test_who_is_cancelled_as_a_fraud_sees_what_others_see_after_the_last_decline(checkout, html):
    fraud = checkout(state=State.CANCELLED, is_fraud=True, last_attempt=DECLINED)
    failed = checkout(state=State.FAILED, last_attempt=DECLINED)
    assert page_of(fraud) is PageName.FAILED
    assert html(fraud) == html(failed)


@pytest.mark.parametrize(
    ("milliseconds", "told"),
    [(8000, "in 8 seconds."), (3001, "in 4 seconds."), (1, "in 1 second."), (0, None)],
)
def test_the_pause_after_a_decline_is_told(checkout, html, milliseconds, told):
    page = checkout(attempts=1, last_attempt=DECLINED, pause_milliseconds=milliseconds)
    found = re.search(r"You can try again (in \d seconds?\.)", html(page))
    assert (found and found[1]) == told


def test_the_puzzle_comes_with_the_card_form_only_where_it_is_asked_for(checkout):
    def page(*, asks_for_work):
        view = view_of(
            checkout(),
            language=ENGLISH,
            attempt_token="",
            cancel_token="",
            base_path="/checkout/cs_test_abc",
            nonce="n",
            asks_for_work=asks_for_work,
        )
        return render(PageName.OPEN, view)

    usual, raised = page(asks_for_work=False), page(asks_for_work=True)
    assert "data-work" not in usual
    assert " data-work data-checks" in raised
    assert len(raised) - len(usual) < 1500
    script = re.search(r"<script[^>]*>(.*?)</script>", raised, re.DOTALL)[1]
    assert len(script.encode()) < 20_000
