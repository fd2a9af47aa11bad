"""The way by the card's issuer: a crash after each step, two at once, time, and leaving."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from issuing import CODE, issued_card, submit
from paydesk import checkouts, payments, threeds, transactions
from paydesk.cards import CardFaults
from paydesk.checkouts import authenticate
from paydesk.checkouts.model import Phase, Standing, State
from paydesk.connectors.contract import Approved
from paydesk.kit import json
from paydesk.threeds import Policy, Result, Status
from workshop import SCRIPTED, Programs, open_workshop

pytestmark = pytest.mark.anyio

# By d1 to d4: version, method, answer, challenge.
METHOD_YES, METHOD_NO, METHOD_SILENT, METHOD_CHALLENGE = "1000", "1010", "1060", "1072"
YES, NO, CHALLENGE = "1100", "1110", "1172"
BY_VERSION = pytest.mark.parametrize("d1", ["1", "2"])

AUTHORISED = [("authorise", "approved")]
PAID = ["authenticating", "authenticated", "submitting", "approved"]
PENDING, FAILED, COMPLETED = "checkout.pending", "checkout.failed", "checkout.completed"


@pytest.fixture(scope="module")
def programs(postgres):
    running = Programs(postgres, asks_issuers=True)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def shop(programs, anyio_backend):
    workshop = await open_workshop(programs)
    yield workshop
    await workshop.owner.close()
    await workshop.desk.close()


async def begin(shop, page, d):
    return await shop.begin(page, issued_card(d), browser=SCRIPTED)


async def started(shop, d, **changes):
    """A checkout, and the attempt that its payer has begun, whose issuer nobody has asked."""
    page = await shop.create(**changes)
    begun = await begin(shop, page, d)
    return page, begun


async def challenged(shop, d=CHALLENGE):
    """A checkout, and its attempt whose payer is with the issuer."""
    page, begun = await started(shop, d)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    assert (await authentication(shop, begun.transaction)).state == "challenge"
    return page, begun.transaction


async def authentication(shop, attempt):
    return await threeds.of_transaction(shop.db, attempt.account_id, attempt.id)


async def pass_challenge(shop, attempt, code=CODE):
    """The payer types the code at the issuer; the result has been told when this is over."""
    asked = await authentication(shop, attempt)
    creq = threeds.write_creq(
        question_id=asked.id,
        issuer_id=asked.answer.issuer_id,
        version=asked.version,
        window=asked.challenge_window,
    )
    first = await asyncio.to_thread(
        httpx2.post, asked.answer.challenge_url, data={"creq": creq}, timeout=30
    )
    last = await asyncio.to_thread(submit, first, code=code)
    assert "cres" in last.text
    assert (await authentication(shop, attempt)).state == "ended"


async def hear(shop, attempt, status, **changes):
    """A result, as the program that hears them has it."""
    asked = await authentication(shop, attempt)
    result = Result(
        id=asked.id,
        version=asked.version,
        directory_id=asked.answer.directory_id,
        issuer_id=asked.answer.issuer_id,
        status=status,
        reason=None if status is Status.AUTHENTICATED else "01",
        value="AQaejvQ3QunVcrDkiErqX00zlJE=" if status is Status.AUTHENTICATED else None,
        eci="05",
        **changes,
    )
    raw = json.write({"messageType": "RReq", "transStatus": status.value})
    return await checkouts.hear_result(shop.db, shop.acquiring.asking, result, raw)


async def go_on(shop, attempt):
    await checkouts.go_on(shop.db, shop.acquiring, attempt)


async def look_if_due(shop, attempt):
    """What the worker does, its time not moved."""
    await checkouts.look_at_attempt(shop.db, shop.acquiring, attempt.account_id, attempt.id)


async def due_after(shop, attempt):
    """The time from the authentication's last step to when the worker takes the attempt up."""
    return await shop.db.value(
        """
        select t.due_at - n.updated_at from transactions t
        join authentications n on n.transaction_id = t.id where t.id = $1
        """,
        attempt.id,
    )


async def moves(shop, attempt):
    rows = await shop.db.rows(
        "select to_state from transaction_moves where transaction_id = $1 order by sequence",
        attempt.id,
    )
    return [row["to_state"] for row in rows]


async def reason(shop, attempt):
    return await shop.db.value("select decline_reason from transactions where id = $1", attempt.id)


async def messages(shop, attempt):
    """What was said of an attempt: kinds and contents, oldest first."""
    rows = await shop.owner.fetch(
        """
        select m.kind, m.body from authentication_messages m
        join authentications n on n.account_id = m.account_id and n.id = m.authentication_id
        where n.transaction_id = $1 order by m.sequence
        """,
        attempt.id,
    )
    return [(row["kind"], json.read_object(row["body"].encode())) for row in rows]


async def kinds(shop, attempt):
    return [kind for kind, _ in await messages(shop, attempt)]


def proofs(shop, attempt):
    """Whether the acquirer saw a proof, by what it was asked."""
    return [
        line["authenticated"]
        for line in shop.programs.acquirer_log()
        if line["reference"] == attempt.id and line["kind"] == "authorise"
    ]


async def assert_paid(shop, page, attempt, *, events):
    assert await moves(shop, attempt) == PAID
    assert (await shop.page(page.id)).state is State.COMPLETED
    assert await shop.events(page) == events
    assert proofs(shop, attempt) == [True]


async def assert_refused(shop, page, attempt, *, because, events, state="auth_failed"):
    assert await moves(shop, attempt) == ["authenticating", state]
    assert await reason(shop, attempt) == because
    assert (await authentication(shop, attempt)).state == "ended"
    assert (await shop.page(page.id)).state is State.OPEN
    assert await shop.events(page) == events
    assert shop.acquirer_log(attempt) == []


async def test_a_payer_whom_the_issuer_knows_pays_with_its_proof(shop):
    page, begun = await started(shop, YES)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    await assert_paid(shop, page, begun.transaction, events=[COMPLETED])
    assert await kinds(shop, begun.transaction) == ["AReq", "ARes"]


@BY_VERSION
async def test_a_payer_who_confirms_at_the_issuer_pays_with_its_proof(shop, d1):
    page, attempt = await challenged(shop, d1 + "172")
    await pass_challenge(shop, attempt)
    await look_if_due(shop, attempt)  # it is due: the result has made it so
    await assert_paid(shop, page, attempt, events=[PENDING, COMPLETED])
    assert await kinds(shop, attempt) == ["AReq", "ARes", "RReq"]


@BY_VERSION
async def test_whoever_agrees_to_a_plan_is_challenged_and_their_issuer_is_told_of_it(shop, d1):
    today = payments.day_of(datetime.now(UTC))
    end = today + timedelta(days=100)
    schedule = {"payment_interval": "WEEKLY", "date_end": str(end)}
    page, begun = await started(shop, d1 + "100", mode="recurring", payment={"recurring": schedule})
    await checkouts.finish(shop.db, shop.acquiring, begun)
    await pass_challenge(shop, begun.transaction)
    await look_if_due(shop, begun.transaction)
    await assert_paid(shop, page, begun.transaction, events=[PENDING, COMPLETED])
    (_, asked), *_ = await messages(shop, begun.transaction)
    assert asked["threeDSRequestorAuthenticationInd"] == "02"
    assert (asked["recurringExpiry"], asked["recurringFrequency"]) == (f"{end:%Y%m%d}", "7")


async def test_whoever_saves_a_card_is_challenged(shop):
    _, begun = await started(shop, YES, mode="save")
    await checkouts.finish(shop.db, shop.acquiring, begun)
    await pass_challenge(shop, begun.transaction)
    await look_if_due(shop, begun.transaction)
    await shop.look(begun.transaction)  # which gives the amount back
    assert (await moves(shop, begun.transaction))[-1] == "reversed"
    (_, asked), *_ = await messages(shop, begun.transaction)
    assert asked["threeDSRequestorAuthenticationInd"] == "04"


# A crash after each step -----------------------------------------------------------------------


@pytest.mark.parametrize(("d1", "seconds"), [("1", 10 + 5), ("2", 5 + 5)])
async def test_a_method_frame_that_never_ends_is_not_waited_for(shop, d1, seconds):
    page, begun = await started(shop, d1 + "000")
    await checkouts.finish(shop.db, shop.acquiring, begun)  # nothing: the payer has to come first
    assert await due_after(shop, begun.transaction) == timedelta(seconds=seconds)
    await look_if_due(shop, begun.transaction)
    assert (await authentication(shop, begun.transaction)).state == "method"
    await shop.look(begun.transaction)
    await assert_paid(shop, page, begun.transaction, events=[COMPLETED])
    (_, question), _ = await messages(shop, begun.transaction)
    assert question["threeDSCompInd"] == "N"


async def test_a_method_frame_that_was_seen_is_told_of(shop):
    page, begun = await started(shop, METHOD_YES)
    await threeds.note_method(shop.db, begun.authentication)
    await go_on(shop, begun.transaction)
    await assert_paid(shop, page, begun.transaction, events=[COMPLETED])
    (_, question), _ = await messages(shop, begun.transaction)
    assert question["threeDSCompInd"] == "Y"


async def test_a_crash_before_the_question_ends_the_attempt(shop):
    page, begun = await started(shop, YES)
    assert await due_after(shop, begun.transaction) == timedelta(seconds=10 + 10)
    await look_if_due(shop, begun.transaction)
    assert await shop.state(begun.transaction) == "authenticating"
    await shop.look(begun.transaction)
    await assert_refused(
        shop, page, begun.transaction, because="authentication_unavailable", events=[FAILED]
    )


async def die_while_asking(shop, transaction):
    """Goes on from the method frame, and dies when the question is under way."""
    asking = asyncio.create_task(go_on(shop, transaction))
    # Nobody could set an event: the state is the database's.
    while (await authentication(shop, transaction)).state != "asking":  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking


async def test_a_crash_while_asking_ends_the_attempt(shop):
    page, begun = await started(shop, METHOD_SILENT)
    await die_while_asking(shop, begun.transaction)
    assert await due_after(shop, begun.transaction) == timedelta(seconds=10 + 10)
    await shop.look(begun.transaction)
    await assert_refused(
        shop, page, begun.transaction, because="authentication_unavailable", events=[FAILED]
    )
    assert await kinds(shop, begun.transaction) == []
    why = await shop.db.value(
        "select detail from transaction_moves where transaction_id = $1 and to_state = $2",
        begun.transaction.id,
        "auth_failed",
    )
    assert why == "no answer was kept"


async def test_by_policy_a_crash_while_asking_is_charged_without_proof(shop):
    page = await shop.create()
    page = replace(page, policy=Policy(charge_if_unavailable=True))
    begun = await begin(shop, page, YES)
    await shop.look(begun.transaction)
    assert await moves(shop, begun.transaction) == ["authenticating", "submitting", "approved"]
    assert proofs(shop, begun.transaction) == [False]
    assert await shop.events(page) == [COMPLETED]


async def test_a_result_after_which_nobody_went_on_is_taken_up(shop):
    page, attempt = await challenged(shop)
    await pass_challenge(shop, attempt)
    assert await shop.state(attempt) == "authenticating"
    assert await shop.db.value("select due_at <= now() from transactions where id = $1", attempt.id)
    await shop.look(attempt)
    await assert_paid(shop, page, attempt, events=[PENDING, COMPLETED])


async def test_a_crash_before_what_is_cleared_is_sent_charges_nothing(shop):
    page, attempt = await challenged(shop)
    await pass_challenge(shop, attempt)
    cleared = await authenticate.look_at_authentication(shop.db, shop.acquiring, attempt)
    assert cleared.proof is not None
    assert await shop.state(attempt) == "submitting"
    assert await shop.look_until_settled(attempt) == "reversed"
    assert shop.acquirer_log(attempt) == [("reverse", "approved")]
    assert await shop.events(page) == [PENDING, FAILED]
    assert (await shop.page(page.id)).state is State.OPEN


async def test_a_crash_after_it_was_sent_is_found_out(shop):
    page, attempt = await challenged(shop)
    await pass_challenge(shop, attempt)
    cleared = await authenticate.look_at_authentication(shop.db, shop.acquiring, attempt)
    sent = await transactions.authorise(
        shop.acquiring, attempt, order_reference=cleared.order_reference, proof=cleared.proof
    )
    assert isinstance(sent, Approved)
    await shop.look(attempt)
    assert await shop.look_until_settled(attempt) == "approved"
    assert shop.acquirer_log(attempt) == AUTHORISED
    assert proofs(shop, attempt) == [True]
    assert await shop.events(page) == [PENDING, COMPLETED]


# Two at once -----------------------------------------------------------------------------------


async def test_eight_who_end_the_method_frame_ask_once(shop):
    page, begun = await started(shop, METHOD_YES)
    await asyncio.gather(*(go_on(shop, begun.transaction) for _ in range(8)))
    await assert_paid(shop, page, begun.transaction, events=[COMPLETED])
    assert await kinds(shop, begun.transaction) == ["AReq", "ARes"]


async def test_the_payer_and_the_worker_together_ask_once(shop):
    page, begun = await started(shop, METHOD_YES)
    await shop.owner.execute(
        "update transactions set due_at = now() where id = $1", begun.transaction.id
    )
    both = [go_on, look_if_due]
    await asyncio.gather(*(each(shop, begun.transaction) for each in both * 4))
    await assert_paid(shop, page, begun.transaction, events=[COMPLETED])
    assert await kinds(shop, begun.transaction) == ["AReq", "ARes"]


async def test_a_look_that_was_due_a_moment_ago_ends_no_challenge(shop):
    _, attempt = await challenged(shop)
    found = await authenticate.look_at_authentication(shop.db, shop.acquiring, attempt)
    assert found is None
    assert await shop.state(attempt) == "authenticating"
    assert (await authentication(shop, attempt)).state == "challenge"
    await checkouts.leave_issuer(shop.db, attempt)


async def test_eight_workers_send_a_result_once(shop):
    page, attempt = await challenged(shop)
    await pass_challenge(shop, attempt)
    await asyncio.gather(*(look_if_due(shop, attempt) for _ in range(8)))
    await assert_paid(shop, page, attempt, events=[PENDING, COMPLETED])


@pytest.mark.parametrize("d", [METHOD_YES, METHOD_NO, METHOD_CHALLENGE])
async def test_leaving_and_going_on_at_once_is_one_of_the_two(shop, d):
    for _ in range(5):
        page, begun = await started(shop, d)
        await asyncio.gather(
            go_on(shop, begun.transaction), checkouts.leave_issuer(shop.db, begun.transaction)
        )
        state = await shop.state(begun.transaction)
        assert state in {"approved", "auth_failed", "auth_abandoned"}
        assert bool(shop.acquirer_log(begun.transaction)) == (state == "approved")
        final = COMPLETED if state == "approved" else FAILED
        assert [e for e in await shop.events(page) if e != PENDING] == [final]


async def test_eight_results_at_once_are_one(shop):
    page, attempt = await challenged(shop)
    statuses = [Status.DENIED, Status.REJECTED] * 4
    faults = await asyncio.gather(*(hear(shop, attempt, status) for status in statuses))
    stored = (await authentication(shop, attempt)).result.status
    # 2.2.0 answers a true repeat as it did the first.
    assert [fault is None for fault in faults] == [status is stored for status in statuses]
    assert await kinds(shop, attempt) == ["AReq", "ARes", "RReq"]
    await shop.look(attempt)
    await assert_refused(
        shop, page, attempt, because="authentication_failed", events=[PENDING, FAILED]
    )


# Time ------------------------------------------------------------------------------------------


@BY_VERSION
async def test_a_challenge_without_a_result_fails_at_its_hard_stop_and_not_before(shop, d1):
    page, attempt = await challenged(shop, d1 + "172")
    assert await due_after(shop, attempt) == timedelta(minutes=11)
    await shop.owner.execute(
        "update transactions set due_at = now() + interval '1 second' where id = $1", attempt.id
    )
    await look_if_due(shop, attempt)
    assert await shop.state(attempt) == "authenticating"
    await shop.look(attempt)
    await assert_refused(shop, page, attempt, because="expired", events=[PENDING, FAILED])


@pytest.mark.parametrize("status", [Status.AUTHENTICATED, Status.DENIED])
async def test_a_result_after_the_hard_stop_is_kept_and_ignored(shop, status):
    page, attempt = await challenged(shop)
    await shop.look(attempt)
    assert await hear(shop, attempt, status) is None
    assert await kinds(shop, attempt) == ["AReq", "ARes", "RReq"]
    assert (await authentication(shop, attempt)).result is None
    await shop.look(attempt)
    await assert_refused(shop, page, attempt, because="expired", events=[PENDING, FAILED])


async def end_time(shop, page):
    await shop.owner.execute("update checkouts set expires_at = now() where id = $1", page.id)
    await checkouts.expire_due(shop.db)


@pytest.mark.parametrize("d", [METHOD_YES, YES, CHALLENGE])
async def test_expiry_waits_for_the_issuer(shop, d):
    page, begun = await started(shop, d)
    if d == CHALLENGE:
        await checkouts.finish(shop.db, shop.acquiring, begun)
    await end_time(shop, page)
    assert (await shop.page(page.id)).state is State.PENDING
    await checkouts.leave_issuer(shop.db, begun.transaction)
    await end_time(shop, page)
    assert (await shop.page(page.id)).state is State.EXPIRED
    assert (await shop.events(page))[-2:] == [FAILED, "checkout.expired"]


async def test_who_confirms_after_the_checkouts_time_has_paid(shop):
    page, attempt = await challenged(shop)
    await end_time(shop, page)
    await pass_challenge(shop, attempt)
    await shop.look(attempt)
    await assert_paid(shop, page, attempt, events=[PENDING, COMPLETED])


# Leaving ---------------------------------------------------------------------------------------

PHASES = ["method", "asking", "challenge", "result", "code"]


async def at(shop, phase):
    """A checkout and its attempt in this phase."""
    if phase == "method":
        page, begun = await started(shop, METHOD_YES)
        return page, begun.transaction
    if phase == "asking":
        page, begun = await started(shop, YES)
        return page, begun.transaction
    page, attempt = await challenged(shop)
    if phase != "challenge":
        await pass_challenge(shop, attempt)
    if phase == "code":
        await authenticate.ask_code_again(
            shop.db, await authenticate.look_at_authentication(shop.db, shop.acquiring, attempt)
        )
        assert await shop.state(attempt) == "authenticated"
    return page, attempt


async def assert_left(shop, page, attempt, phase, *, event):
    before = [*PAID[:3], "authenticated"] if phase == "code" else PAID[:1]
    assert await moves(shop, attempt) == [*before, "auth_abandoned"]
    assert await reason(shop, attempt) == "cancelled_by_payer"
    assert (await authentication(shop, attempt)).state == "ended"
    waited = [PENDING] if phase not in {"method", "asking"} else []
    assert await shop.events(page) == [*waited, event]
    # Nobody takes it up again.
    await go_on(shop, attempt)
    await shop.look(attempt)
    assert await authenticate.give_code(shop.db, shop.acquiring, attempt) is None
    assert await moves(shop, attempt) == [*before, "auth_abandoned"]
    assert shop.acquirer_log(attempt) == []


@pytest.mark.parametrize("phase", PHASES)
async def test_the_payer_takes_another_card(shop, phase):
    page, attempt = await at(shop, phase)
    await checkouts.leave_issuer(shop.db, attempt)
    await assert_left(shop, page, attempt, phase, event=FAILED)
    second = await shop.pay(await shop.page(page.id), issued_card(YES))
    assert await shop.state(second) == "approved"


@pytest.mark.parametrize("reason", ["customer", "merchant"])
@pytest.mark.parametrize("phase", PHASES)
async def test_payer_and_merchant_can_cancel_as_long_as_nothing_was_sent(shop, phase, reason):
    page, attempt = await at(shop, phase)
    cancelled = await shop.cancel(page, reason)
    assert (cancelled.state, cancelled.cancellation_reason) == (State.CANCELLED, reason)
    await assert_left(shop, page, attempt, phase, event="checkout.cancelled")
    assert await shop.begin(await shop.page(page.id), issued_card(YES)) is None


async def test_what_was_sent_can_not_be_left(shop):
    page, attempt = await challenged(shop)
    await pass_challenge(shop, attempt)
    cleared = await authenticate.look_at_authentication(shop.db, shop.acquiring, attempt)
    await checkouts.leave_issuer(shop.db, attempt)
    with pytest.raises(checkouts.CheckoutEnded):
        await shop.cancel(page)
    assert await shop.state(attempt) == "submitting"
    await checkouts.send(shop.db, shop.acquiring, cleared)
    await assert_paid(shop, page, attempt, events=[PENDING, COMPLETED])


async def test_an_answer_that_comes_after_the_payer_left_is_dropped(shop):
    page, begun = await started(shop, YES)
    await checkouts.leave_issuer(shop.db, begun.transaction)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    await assert_left(shop, page, begun.transaction, "asking", event=FAILED)


# Once more -------------------------------------------------------------------------------------


async def test_who_was_refused_by_the_issuer_tries_again(shop):
    page, begun = await started(shop, NO)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    await assert_refused(
        shop, page, begun.transaction, because="authentication_failed", events=[FAILED]
    )
    again = await begin(shop, await shop.page(page.id), YES)
    assert again.authentication.id != begun.authentication.id
    await checkouts.finish(shop.db, shop.acquiring, again)
    await assert_paid(shop, page, again.transaction, events=[FAILED, COMPLETED])
    assert (await shop.page(page.id)).attempts == 2


async def test_five_refusals_are_the_end(shop):
    page = await shop.create()
    for _ in range(5):
        begun = await begin(shop, await shop.page(page.id), NO)
        await checkouts.finish(shop.db, shop.acquiring, begun)
    assert (await shop.page(page.id)).state is State.FAILED
    assert await shop.events(page) == [FAILED] * 5
    assert await begin(shop, await shop.page(page.id), YES) is None


@pytest.mark.parametrize("phase", PHASES)
async def test_meanwhile_the_order_can_not_be_paid_elsewhere(shop, phase):
    page, attempt = await at(shop, phase)
    order_id = await shop.db.value("select order_id from checkouts where id = $1", page.id)
    other = await shop.create(order_id=order_id, order=None)
    assert other.standing is Standing.TAKEN
    assert await begin(shop, replace(other, standing=Standing.PAYABLE), YES) is None
    await checkouts.leave_issuer(shop.db, attempt)
    other = await shop.page(other.id)
    assert other.standing is Standing.PAYABLE
    assert await shop.state(await shop.pay(other, issued_card(YES))) == "approved"
    assert await begin(shop, await shop.page(page.id), YES) is None


# The security code is gone ---------------------------------------------------------------------


async def test_a_vault_restarted_during_a_challenge_asks_for_the_code_and_no_more(shop):
    page, attempt = await challenged(shop)
    await asyncio.to_thread(shop.programs.restart_vault)
    await pass_challenge(shop, attempt)
    await shop.look(attempt)
    page = await shop.page(page.id)
    assert (page.state, page.last_attempt.phase) == (State.PENDING, Phase.CODE)
    assert await due_after_move(shop, attempt) == timedelta(minutes=15)
    with pytest.raises(CardFaults):
        await checkouts.take_code(shop.db, shop.acquiring, attempt, "12")
    assert await shop.state(attempt) == "authenticated"
    cleared = await checkouts.take_code(shop.db, shop.acquiring, attempt, "123")
    await checkouts.send(shop.db, shop.acquiring, cleared)
    assert await moves(shop, attempt) == [
        *PAID[:3],
        "authenticated",
        "submitting",
        "approved",
    ]
    assert await kinds(shop, attempt) == ["AReq", "ARes", "RReq"]
    assert proofs(shop, attempt) == [True]
    assert await shop.events(page) == [PENDING, COMPLETED]


async def test_a_vault_killed_during_a_hundred_challenges_leaves_every_payer_able_to_finish(shop):
    """CRD-2's figure: all of them, after typing the code once more."""
    slots = asyncio.Semaphore(8)

    async def each(deed, ones):
        async def slotted(one):
            async with slots:
                return await deed(one)

        return await asyncio.gather(*map(slotted, ones))

    async def finish(one):
        _, attempt = one
        await pass_challenge(shop, attempt)
        await shop.look(attempt)
        assert await shop.state(attempt) == "authenticated"
        cleared = await checkouts.take_code(shop.db, shop.acquiring, attempt, "123")
        await checkouts.send(shop.db, shop.acquiring, cleared)

    begun = await each(lambda _: challenged(shop), range(100))
    await asyncio.to_thread(shop.programs.restart_vault)
    await each(finish, begun)
    for page, attempt in begun:
        assert await shop.state(attempt) == "approved"
        assert proofs(shop, attempt) == [True]
        assert await shop.events(page) == [PENDING, COMPLETED]


async def due_after_move(shop, attempt):
    return await shop.db.value(
        "select due_at - updated_at from transactions where id = $1", attempt.id
    )


async def test_a_code_given_eight_times_at_once_is_sent_once(shop):
    page, attempt = await at(shop, "code")

    async def give():
        cleared = await checkouts.take_code(shop.db, shop.acquiring, attempt, "123")
        await checkouts.send(shop.db, shop.acquiring, cleared)

    await asyncio.gather(*(give() for _ in range(8)))
    assert await shop.state(attempt) == "approved"
    assert shop.acquirer_log(attempt) == AUTHORISED
    assert await shop.events(page) == [PENDING, COMPLETED]


async def test_a_code_that_nobody_gives_ends_the_attempt_in_time(shop):
    page, attempt = await at(shop, "code")
    await look_if_due(shop, attempt)
    assert await shop.state(attempt) == "authenticated"
    await shop.look(attempt)
    assert await shop.state(attempt) == "auth_abandoned"
    assert await reason(shop, attempt) == "expired"
    assert await shop.events(page) == [PENDING, FAILED]
    assert shop.acquirer_log(attempt) == []


async def test_it_all_left_the_books_right(shop):
    rows = await shop.db.rows("select id, account_id from transactions where due_at is not null")
    assert [row["id"] for row in rows] == []
    await shop.assert_books_are_right()
