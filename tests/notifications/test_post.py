"""Which payments lead to mails, how often they are tried, and what a dying worker leaves behind."""

import asyncio
import contextlib
import time

import pytest

from paydesk import notifications
from paydesk.languages import LANGUAGES, words_of
from paydesk.notifications import Postman, composer
from paydesk.notifications.send import Failed
from world import DECLINED

pytestmark = pytest.mark.anyio

compose = composer(base_url="https://pay.example", key=bytes(32))
WANTED = {"send_confirmation_email": True}


class Post:
    """A mailer that keeps what it gets and fails as it is told."""

    sender = "payments@shop.example"

    def __init__(self, *failures):
        self.sent = []
        self.failures = list(failures)
        self._got_one = asyncio.Event()

    async def got(self, count):
        """Returns once it got so many mails."""
        async with asyncio.timeout(10):
            while len(self.sent) < count:
                self._got_one.clear()
                await self._got_one.wait()

    async def send(self, email, *, id_, recipient):
        self.sent.append((id_, recipient, email))
        self._got_one.set()
        if self.failures and (failed := self.failures.pop(0)) is not None:
            raise failed


@pytest.fixture(autouse=True)
async def nothing_waits(shop, anyio_backend):
    """Each test sends its own mails and no others."""
    await shop.db.execute("delete from mails")


@contextlib.asynccontextmanager
async def posting(shop, mailer, *, retry_seconds=(60, 300)):
    postman = Postman(shop.db, mailer, compose, retry_seconds=retry_seconds)
    task = asyncio.create_task(postman.run())
    yield
    postman.stop()
    await task


async def mails(shop, page):
    return await shop.db.rows("select * from mails where about = $1 order by id", page.id)


async def until_tried(shop, page, tries):
    deadline = time.monotonic() + 60
    while True:
        (mail,) = await mails(shop, page)
        is_leased = mail["state"] == "due" and mail["failure"] is None and tries > 0
        if mail["tries"] >= tries and not is_leased:
            return mail
        assert time.monotonic() < deadline, mail
        await asyncio.sleep(0.02)


async def paid(shop, **notifications_):
    page = await shop.create(notifications=notifications_ or WANTED)
    await shop.pay(page)
    return page


async def let_it_be_due(shop, page):
    await shop.db.execute(
        "update mails set due_at = now(), failure = null where about = $1 and state = 'due'",
        page.id,
    )


async def test_the_customer_is_told_of_a_payment(shop):
    page = await paid(shop)
    post = Post()
    async with posting(shop, post):
        mail = await until_tried(shop, page, 1)
    assert (mail["state"], mail["failure"], mail["due_at"]) == ("sent", None, None)
    ((id_, recipient, email),) = post.sent
    assert (id_, recipient) == (mail["id"], "johndoe@mail.com")
    assert email["Subject"] == "Your payment to Corner shop, order ORD0045"
    text = email.get_body(("plain",)).get_content()
    for told in ("R1\xa0200.00 ZAR", "Monthly plan", "ORD0045", "Visa ending in"):
        assert told in text
    await shop.assert_books_are_right()


async def test_an_override_is_told_instead(shop):
    page = await paid(shop, **WANTED, confirmation_email_override="accounts@example.com")
    assert [mail["recipient"] for mail in await mails(shop, page)] == ["accounts@example.com"]


async def test_who_did_not_ask_or_did_not_pay_gets_no_mail(shop):
    page = await paid(shop, send_confirmation_email=False)
    assert await mails(shop, page) == []
    page = await shop.create(notifications=WANTED)
    await shop.pay(page, DECLINED)
    assert await mails(shop, page) == []


async def test_a_customer_without_an_address_gets_none(shop):
    customer = {"reference": "CLN-NOMAIL", "email": "gone@example.com", "company_name": "Gone"}
    page = await shop.create(notifications=WANTED, customer=customer)
    await shop.db.execute("update customers set email = null where reference = 'CLN-NOMAIL'")
    await shop.pay(page)
    assert await mails(shop, page) == []


async def test_the_payer_s_own_language_is_spoken(shop):
    page = await shop.create(notifications=WANTED, customization={"locale": "fr"})
    await shop.db.execute("update sessions set language = 'de' where checkout_id = $1", page.id)
    await shop.pay(page)
    post = Post()
    async with posting(shop, post):
        await until_tried(shop, page, 1)
    assert post.sent[0][2]["Content-Language"] == "de"


async def test_a_mail_is_tried_again_under_the_same_name_and_then_it_is_dead(shop):
    page = await paid(shop)
    post = Post(*[Failed("450 Busy\0\x1b[31m")] * 3)
    async with posting(shop, post):
        for tries, seconds in ((1, 60), (2, 300)):
            mail = await until_tried(shop, page, tries)
            assert mail["state"] == "due"
            now = await shop.db.value("select now()")
            assert 0 < (mail["due_at"] - now).total_seconds() <= seconds
            await let_it_be_due(shop, page)
        mail = await until_tried(shop, page, 3)
    assert (mail["state"], mail["failure"]) == ("dead", "450 Busy  [31m")
    assert len({email["Message-ID"] for _, _, email in post.sent}) == 1
    async with shop.db.connection() as connection:
        listed = await notifications.list_mails(connection, state="dead", count=5)
        assert listed[0].id == mail["id"]
        assert await notifications.resend(connection, mail["id"])
        assert not await notifications.resend(connection, mail["id"])
    post.failures = []
    async with posting(shop, post):
        assert (await until_tried(shop, page, 1))["state"] == "sent"


async def test_an_address_that_is_refused_for_good_is_tried_once(shop):
    page = await paid(shop)
    async with posting(shop, Post(Failed("550 No such person", is_final=True))):
        mail = await until_tried(shop, page, 1)
    assert (mail["state"], mail["tries"], mail["failure"]) == ("dead", 1, "550 No such person")


async def test_a_mail_that_can_t_be_written_keeps_no_other_waiting(shop):
    bad, good = await paid(shop), await paid(shop)
    await shop.db.execute("update mails set recipient = 'a b' where about = $1", bad.id)
    post = Post()
    async with posting(shop, post):
        assert (await until_tried(shop, good, 1))["state"] == "sent"
        mail = await until_tried(shop, bad, 1)
    assert mail["state"] == "due"
    assert mail["failure"]


async def test_a_mail_of_a_worker_that_died_is_sent_by_the_next(shop):
    page = await paid(shop)
    # As the dead one left it, its lease over.
    await shop.db.execute("update mails set tries = 1, due_at = now() where about = $1", page.id)
    post = Post()
    async with posting(shop, post):
        mail = await until_tried(shop, page, 2)
    assert (mail["state"], len(post.sent)) == ("sent", 1)


async def test_a_mail_that_workers_die_of_is_given_up(shop):
    page = await paid(shop)
    await shop.db.execute("update mails set tries = 3, due_at = now() where about = $1", page.id)
    post = Post()
    async with posting(shop, post):
        mail = await until_tried(shop, page, 4)
    assert (mail["state"], post.sent) == ("dead", [])


async def test_two_workers_send_no_mail_twice(shop):
    pages = [await paid(shop) for _ in range(5)]
    post = Post()
    async with posting(shop, post), posting(shop, post):
        for page in pages:
            await until_tried(shop, page, 1)
    sent = [id_ for id_, *_ in post.sent]
    assert len(sent) == len(set(sent)) == 5


async def test_without_a_mailer_mails_wait(shop):
    page = await paid(shop)
    async with posting(shop, None):
        await asyncio.sleep(0.1)
    (mail,) = await mails(shop, page)
    assert (mail["state"], mail["tries"]) == ("due", 0)


async def test_an_invoice_comes_with_the_confirmation(shop):
    page = await paid(shop, **WANTED, send_invoice=True)
    post = Post()
    async with posting(shop, post):
        await until_tried(shop, page, 1)
    (email,) = (email for _, _, email in post.sent)
    (pdf,) = email.iter_attachments()
    assert pdf.get_filename().startswith("TEST-REC-")
    assert pdf.get_content().startswith(b"%PDF-1.7")
    text = email.get_body(("plain",)).get_content()
    assert "Receipt TEST-REC-" in text
    assert "https://pay.example/documents/inv_" in text


async def test_a_refund_s_document_comes_by_itself(shop):
    page = await shop.create(notifications={"send_invoice": True})
    transaction = await shop.pay(page)
    await shop.modify(transaction, "refund", 50_000)
    post = Post()
    async with posting(shop, post):
        await post.got(2)
    subjects = sorted(email["Subject"].partition(" TEST")[0] for _, _, email in post.sent)
    assert subjects == ["Receipt", "Refund receipt"]
    refund = next(email for _, _, email in post.sent if email["Subject"].startswith("Refund"))
    text = refund.get_body(("plain",)).get_content()
    assert "Corner shop has given R500.00 back to you." in text


@pytest.fixture
async def shopkeeper(shop, anyio_backend):
    """The merchant's own address, and the wish to hear of each payment, for one test."""
    await shop.db.execute("update accounts set email = 'owner@shop.example', mail_payments = true")
    yield "owner@shop.example"
    await shop.db.execute("update accounts set email = null, mail_payments = false")


async def test_a_merchant_who_asks_hears_of_each_payment(shop, shopkeeper):
    page = await paid(shop, send_confirmation_email=False)
    post = Post()
    async with posting(shop, post):
        await until_tried(shop, page, 1)
    ((_, recipient, email),) = post.sent
    assert recipient == shopkeeper
    assert email["Subject"] == "R1 200.00 ZAR paid, order ORD0045"
    assert email["Reply-To"] is None
    assert page.id in email.get_body(("plain",)).get_content()
    page = await shop.create()
    await shop.pay(page, DECLINED)
    assert await mails(shop, page) == []


async def test_a_merchant_is_told_in_the_language_of_their_pages(shop, shopkeeper):
    set_language = "update accounts set customization = $1::json where id = 1"
    was = await shop.db.value("select customization::text from accounts where id = 1")
    await shop.db.execute(set_language, '{"locale": "af-ZA"}')
    page = await paid(shop, send_confirmation_email=False)
    await notifications.tell_of_undelivered(shop.db, 1, "https://af.example:443")
    post = Post()
    async with posting(shop, post):
        await post.got(2)
    await shop.db.execute(set_language, was)
    assert {email["Content-Language"] for _, _, email in post.sent} == {"af-ZA"}
    words = words_of(LANGUAGES["af"])
    told = {email["Subject"] for _, _, email in post.sent}
    assert (
        words.text("Webhooks to {receiver} do not arrive", receiver="https://af.example:443")
        in told
    )
    assert page.id in "".join(email.get_body(("plain",)).get_content() for _, _, email in post.sent)


async def test_a_receiver_that_is_given_up_is_told_of_once_a_day(shop, shopkeeper):
    endpoint = "https://shop.example:443"
    for _ in range(2):
        await notifications.tell_of_undelivered(shop.db, 1, endpoint)
    found = "select count(*) from mails where kind = 'undelivered' and about like $1"
    assert await shop.db.value(found, f"{endpoint} %") == 1
    post = Post()
    async with posting(shop, post):
        await post.got(1)
    ((_, recipient, email),) = post.sent
    assert (recipient, email["Subject"]) == (shopkeeper, f"Webhooks to {endpoint} do not arrive")


async def test_old_mails_are_forgotten_unless_they_are_still_due(shop):
    pages = [await paid(shop) for _ in range(3)]
    age = "update mails set created_at = now() - $2 * interval '1 day' where about = $1"
    for page, days in zip(pages, (91, 89, 91), strict=True):
        await shop.db.execute(age, page.id, days)
    async with posting(shop, Post()):
        for page in pages:
            await until_tried(shop, page, 1)
    await shop.db.execute(
        "update mails set state = 'due', due_at = now() + interval '1 day' where about = $1",
        pages[2].id,
    )
    await notifications.forget(shop.db)
    assert [len(await mails(shop, page)) for page in pages] == [0, 1, 1]


async def test_a_merchant_without_an_address_is_told_nothing(shop):
    await notifications.tell_of_undelivered(shop.db, 1, "https://other.example:443")
    found = "select count(*) from mails where about like 'https://other.example%'"
    assert await shop.db.value(found) == 0
