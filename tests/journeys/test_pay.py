"""The main job, end to end over HTTP: create, open, pay, hear of it."""

from world import APPROVED, DECLINED, Payer, eventually


def test_a_payer_pays_and_the_merchant_hears_of_it(merchant, receiver):
    checkout = merchant.create(receiver.url)

    payer = Payer(checkout).open()
    assert payer.state == "open"
    assert payer.pay(number=APPROVED).state == "paid"

    assert merchant.status(checkout) == "completed"
    (heard,) = eventually(lambda: receiver.about(checkout["id"]))
    assert heard.event == "checkout.completed"
    assert heard.is_signed_with(merchant.credentials["webhook_secret"])


def test_a_declined_payer_may_try_another_card(merchant, receiver):
    checkout = merchant.create(receiver.url)
    payer = Payer(checkout).open()

    assert payer.pay(number=DECLINED).state == "declined"
    assert merchant.status(checkout) == "open"
    assert payer.pay(number=APPROVED).state == "paid"

    eventually(lambda: len(receiver.about(checkout["id"])) == 2)
    assert receiver.events(checkout["id"]) == ["checkout.failed", "checkout.completed"]
