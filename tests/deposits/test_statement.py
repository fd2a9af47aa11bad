"""Money that came by hand while Paydesk was down, and nobody heard the bank's notice."""

import asyncio
from dataclasses import replace

import httpx2
import pytest
import structlog

from paydesk import checkouts, deposits, ledger, modifications
from paydesk.cli import doctor
from paydesk.connectors.contract import Unknown
from paydesk.payment_methods import MethodType
from paydesk.settings import Settings
from workshop import CARD, Programs
from world import free_port

pytestmark = pytest.mark.anyio

PAYIN = replace(CARD, id="pam_2", type=MethodType.PAYIN, connector="sandbox-bank")


@pytest.fixture(scope="module")
def programs(postgres):
    """A bank and no program of Paydesk's that hears it; tests do by hand what the worker would."""
    running = Programs(postgres, has_bank=True)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def desk(shop):
    """The shop, its bank's statement read up to here."""
    await read(shop)
    return shop


async def transfer(shop):
    """A checkout of 1200.00 whose payer has a reference by now, and the attempt.

    Nothing makes Paydesk ask about it for an hour.
    """
    page = await shop.create()
    attempt = await checkouts.begin_at_bank(
        shop.db, shop.acquiring, page, PAYIN, attempt=page.attempts + 1
    )
    await shop.db.execute(
        "update transactions set due_at = now() + interval '1 hour' where id = $1", attempt.id
    )
    return page, attempt


def send(shop, reference, minor, currency="ZAR"):
    """Somebody sends money; the notice of it reaches nobody. The bank's id of it."""
    body = {
        "reference": reference,
        "amount": minor,
        "currency": currency,
        "sender": "S. Ender",
        "notify_url": f"http://127.0.0.1:{free_port()}/",
    }
    answer = httpx2.post(
        f"{shop.programs.bank_url}/v1/credits",
        json=body,
        headers={"Authorization": "Bearer sandbox"},
    )
    return answer.json()["id"]


async def read(shop):
    await deposits.read_statements(shop.db, shop.acquiring)


async def look_at_all(shop):
    """What the worker does with all that is due."""
    due = await shop.db.rows("select account_id, id from transactions where due_at <= now()")
    for row in due:
        await checkouts.look_at_attempt(shop.db, shop.acquiring, row["account_id"], row["id"])


async def received(shop, attempt):
    """The sums on record for the attempt, and what it has received in all."""
    sums = await shop.db.rows(
        "select amount from deposits where transaction_id = $1 order by id", attempt.id
    )
    total = await shop.db.value("select received from transactions where id = $1", attempt.id)
    return [row["amount"] for row in sums], total


async def end(shop, attempt):
    """The payer has three days; now they are over, and the attempt with them."""
    await shop.db.execute(
        "update transactions set handover_until = now() - interval '1 second', due_at = now()"
        " where id = $1",
        attempt.id,
    )
    await look_at_all(shop)
    assert await shop.state(attempt) == "declined"


async def assert_ledger_agrees(shop):
    assert (await ledger.verify(shop.owner)).wrong == ()


async def test_money_that_no_notice_told_of_pays(desk):
    page, attempt = await transfer(desk)
    send(desk, attempt.payer_reference, 120_000)
    await look_at_all(desk)
    assert await desk.state(attempt) == "awaiting"
    await read(desk)
    await look_at_all(desk)
    assert await desk.state(attempt) == "approved"
    assert await desk.events(page) == ["checkout.pending", "checkout.completed"]
    assert await received(desk, attempt) == ([120_000], 120_000)
    await assert_ledger_agrees(desk)


async def test_money_that_comes_after_the_end_is_found_and_goes_back(desk):
    _, attempt = await transfer(desk)
    await end(desk, attempt)
    send(desk, attempt.payer_reference, 120_000)
    await look_at_all(desk)
    assert await received(desk, attempt) == ([], 0)  # nothing makes Paydesk ask by itself
    await read(desk)
    await look_at_all(desk)
    assert await received(desk, attempt) == ([120_000], 120_000)
    assert await modifications.return_surplus(desk.db, desk.acquiring) == 1
    (back,) = await desk.modifications(attempt)
    assert (back.kind, back.amount.minor, back.state) == ("return", 120_000, "approved")
    await assert_ledger_agrees(desk)


async def test_each_sum_is_recorded_once_however_often_it_is_told(desk):
    _, attempt = await transfer(desk)
    for minor in (100, 100, 250):
        send(desk, attempt.payer_reference, minor)
        await asyncio.gather(
            read(desk),
            read(desk),
            checkouts.notice(desk.db, desk.acquiring, attempt.payer_reference),
        )
        await asyncio.gather(look_at_all(desk), look_at_all(desk))
    await desk.db.execute("delete from bank_statements")  # as after a restored backup
    await read(desk)
    await look_at_all(desk)
    assert await received(desk, attempt) == ([100, 100, 250], 450)
    await assert_ledger_agrees(desk)


async def test_what_is_on_record_already_is_not_asked_about_again(desk):
    _, attempt = await transfer(desk)
    send(desk, attempt.payer_reference, 100)
    await checkouts.notice(desk.db, desk.acquiring, attempt.payer_reference)
    await look_at_all(desk)
    due = "select due_at from transactions where id = $1"
    before = await desk.db.value(due, attempt.id)
    await read(desk)
    assert await desk.db.value(due, attempt.id) == before


async def test_what_the_bank_does_not_tell_after_the_end_is_asked_for_again(desk):
    _, attempt = await transfer(desk)
    await end(desk, attempt)
    send(desk, attempt.payer_reference, 500)
    await read(desk)
    (bank,) = desk.acquiring.banks.values()
    silent = replace(desk.acquiring, banks={"sandbox-bank": _Silent(bank)})
    await checkouts.look_at_attempt(desk.db, silent, attempt.account_id, attempt.id)
    assert await received(desk, attempt) == ([], 0)
    await look_at_all(desk)
    assert await received(desk, attempt) == ([500], 500)


class _Silent:
    """A bank whose answers can't be understood."""

    def __init__(self, bank):
        self._bank = bank

    def __getattr__(self, name):
        return getattr(self._bank, name)

    def read_deposits(self, answer):
        return Unknown("garbled")

    def read_credits(self, answer):
        return Unknown("garbled")


async def test_a_statement_that_can_not_be_read_is_read_later(desk):
    _, attempt = await transfer(desk)
    send(desk, attempt.payer_reference, 120_000)
    (bank,) = desk.acquiring.banks.values()
    silent = replace(desk.acquiring, banks={"sandbox-bank": _Silent(bank)})
    await deposits.read_statements(desk.db, silent)
    await look_at_all(desk)
    assert await desk.state(attempt) == "awaiting"
    await read(desk)
    await look_at_all(desk)
    assert await desk.state(attempt) == "approved"


class _Broken(_Silent):
    """A bank whose answers nobody has foreseen."""

    @property
    def manifest(self):
        return replace(self._bank.manifest, name="broken-bank")

    def read_credits(self, answer):
        raise KeyError("credits")


async def failing(shop):
    rows = await shop.db.rows(
        "select bank, failure from bank_statements where failing_since is not null order by bank"
    )
    return [(row["bank"], row["failure"]) for row in rows]


async def test_a_bank_that_fails_keeps_no_other_from_being_read(desk):
    _, attempt = await transfer(desk)
    send(desk, attempt.payer_reference, 120_000)
    (bank,) = desk.acquiring.banks.values()
    banks = {"broken-bank": _Broken(bank), "sandbox-bank": bank}
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            await deposits.read_statements(desk.db, replace(desk.acquiring, banks=banks))
    assert [(one["event"], one["bank"]) for one in logs if one["log_level"] == "error"] == [
        ("statement_not_read", "broken-bank")
    ]
    assert await failing(desk) == [("broken-bank", "KeyError")]
    await look_at_all(desk)
    assert await desk.state(attempt) == "approved"
    await desk.db.execute("delete from bank_statements where bank = 'broken-bank'")


async def test_the_doctor_tells_of_a_statement_that_stays_unread(desk):
    (bank,) = desk.acquiring.banks.values()
    silent = replace(desk.acquiring, banks={"sandbox-bank": _Silent(bank)})
    await deposits.read_statements(desk.db, silent)

    def told():
        settings = Settings(database_url=desk.programs.owner_url)
        found = doctor.examine(settings, desk.programs.folder, port=0)
        return [one for one in found if "the statement of" in one.text]

    assert await asyncio.to_thread(told) == []  # it may be a hiccup
    await desk.db.execute(
        "update bank_statements set failing_since = now() - interval '1 hour'"
        " where bank = 'sandbox-bank'"
    )
    await deposits.read_statements(desk.db, silent)
    (warning,) = await asyncio.to_thread(told)
    assert warning.mark is doctor.Mark.WARN
    assert "sandbox-bank" in warning.text
    assert "garbled" in warning.text
    await read(desk)
    assert await asyncio.to_thread(told) == []


async def test_more_than_a_page_is_read_to_its_end(desk):
    _, attempt = await transfer(desk)
    ids = {send(desk, f"NOBODY {number}", 1) for number in range(120)}
    send(desk, attempt.payer_reference, 120_000)
    await read(desk)
    await look_at_all(desk)
    assert await desk.state(attempt) == "approved"
    assert ids <= {one.provider_id for one in await deposits.unclaimed(desk.db)}


@pytest.mark.parametrize("currency", ["ZAR", "USD"])
async def test_money_for_nobody_waits_for_a_person_once(desk, currency):
    _, attempt = await transfer(desk)
    reference = "rent march" if currency == "ZAR" else attempt.payer_reference
    id_ = send(desk, reference, 7_500, currency)
    for _ in range(2):
        await desk.db.execute("delete from bank_statements")
        await read(desk)
    (found,) = [one for one in await deposits.unclaimed(desk.db) if one.provider_id == id_]
    assert (found.reference, found.minor, found.currency) == (reference, 7_500, currency)
    assert (found.bank, found.sender) == ("sandbox-bank", "S. Ender")
    await deposits.settle_unclaimed(desk.db, found.id)
    await desk.db.execute("delete from bank_statements")
    await read(desk)
    assert id_ not in {one.provider_id for one in await deposits.unclaimed(desk.db)}


async def test_where_no_bank_reports_a_sum_on_the_statement_is_for_a_person(desk):
    page = await desk.create()
    by_hand = replace(PAYIN, connector=None)
    attempt = await checkouts.begin_at_bank(
        desk.db, desk.acquiring, page, by_hand, attempt=page.attempts + 1
    )
    id_ = send(desk, attempt.payer_reference, 100)
    await read(desk)
    assert id_ in {one.provider_id for one in await deposits.unclaimed(desk.db)}
    assert await received(desk, attempt) == ([], 0)


async def test_another_currency_under_a_reference_hides_no_rand(desk):
    page, attempt = await transfer(desk)
    abroad = send(desk, attempt.payer_reference, 7_500, "USD")
    send(desk, attempt.payer_reference, 120_000)
    await read(desk)
    await look_at_all(desk)
    assert await desk.state(attempt) == "approved"
    assert await desk.events(page) == ["checkout.pending", "checkout.completed"]
    assert await received(desk, attempt) == ([120_000], 120_000)
    assert abroad in {one.provider_id for one in await deposits.unclaimed(desk.db)}
    await assert_ledger_agrees(desk)


async def test_another_currency_under_a_reference_does_not_keep_its_attempt_from_ending(desk):
    _, attempt = await transfer(desk)
    send(desk, attempt.payer_reference, 7_500, "USD")
    await end(desk, attempt)


async def test_money_that_is_found_while_its_attempt_is_looked_at_is_not_forgotten(desk):
    _, attempt = await transfer(desk)
    await end(desk, attempt)
    send(desk, attempt.payer_reference, 500)
    await read(desk)

    async def more():
        send(desk, attempt.payer_reference, 700)
        await read(desk)

    busy = replace(desk.acquiring, outbound=_Meanwhile(desk.acquiring.outbound, more))
    await checkouts.look_at_attempt(desk.db, busy, attempt.account_id, attempt.id)
    await look_at_all(desk)
    assert await received(desk, attempt) == ([500, 700], 1_200)
    await assert_ledger_agrees(desk)


async def test_money_that_is_found_while_its_attempt_ends_is_not_forgotten(desk):
    _, attempt = await transfer(desk)
    await desk.db.execute(
        "update transactions set handover_until = now() - interval '1 second', due_at = now()"
        " where id = $1",
        attempt.id,
    )

    async def more():
        send(desk, attempt.payer_reference, 120_000)
        await read(desk)

    busy = replace(desk.acquiring, outbound=_Meanwhile(desk.acquiring.outbound, more))
    await checkouts.look_at_attempt(desk.db, busy, attempt.account_id, attempt.id)
    assert await desk.state(attempt) == "declined"
    await look_at_all(desk)
    assert await received(desk, attempt) == ([120_000], 120_000)
    await assert_ledger_agrees(desk)


class _Meanwhile:
    """A network on which something happens while the first answer is on its way."""

    def __init__(self, outbound, deed):
        self._outbound = outbound
        self._deed = deed
        self._is_done = False

    async def send(self, *args, **kwargs):
        answer = await self._outbound.send(*args, **kwargs)
        if not self._is_done:
            self._is_done = True
            await self._deed()
        return answer
