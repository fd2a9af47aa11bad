"""What `POST /payments/submit` takes, and what it says no to."""

from datetime import date

import pytest

from paydesk import lookups
from paydesk.errors import Invalid
from paydesk.notifications import Notifications
from paydesk.payment_methods import MethodType, PaymentMethod
from paydesk.payments.errors import DayPast, DayTooFar, NoDayLeft
from paydesk.payments.schedule import Interval, Schedule
from paydesk.payments.wanted import first_day
from paydesk.payments.wire import read_submit
from workshop import CARD
from world import ABSENT, changed

TODAY = date(2026, 11, 28)
EFT = PaymentMethod("pam_2", MethodType.INSTANT_EFT, "PAYDESK")


def body(**payment):
    return {
        "customer_id": "cus_1",
        "card": {"token": "ab" * 32},
        "payment": {"amount": "99.90", "transaction_reference": "INV0045", **payment},
    }


def read(record):
    return read_submit(record, (CARD, EFT))


def faults(record):
    with pytest.raises(Invalid) as refused:
        read(record)
    return {fault.path: fault.rule for fault in refused.value.faults()}


def test_the_reference_s_entry_is_read():
    command = read(
        body(
            payment_methods_id=CARD.id,
            recurring={"process_day": 31, "date_start": "2026-12-01", "date_end": "2027-12-01"},
        )
    )
    assert (command.customer_id, command.card_token) == ("cus_1", "ab" * 32)
    assert (command.amount.text(), command.amount.currency.code) == ("99.90", "ZAR")
    assert command.reference == "INV0045"
    schedule, due_on = first_day(command.wanted, TODAY)
    assert schedule == Schedule(Interval.MONTHLY, date(2026, 12, 1), date(2027, 12, 1), 31)
    assert due_on == date(2026, 12, 31)


def test_what_its_charges_lead_to_is_read():
    asked = {
        "notifications": {"send_invoice": True, "confirmation_email_override": "a@example.com"},
        "customization": {"locale": "zu-ZA"},
    }
    command = read({**body(amount_tax="12.90"), **asked})
    assert command.notifications == Notifications(True, False, "a@example.com")
    assert (command.locale, command.tax.text()) == ("zu-ZA", "12.90")
    command = read(body())
    assert (command.notifications, command.locale, command.tax) == (Notifications(), None, None)


@pytest.mark.parametrize(
    ("fields", "path", "rule"),
    [
        ({"notifications": {"send_invoice": "perhaps"}}, "notifications.send_invoice", "boolean"),
        (
            {"notifications": {"confirmation_email_override": "nobody"}},
            "notifications.confirmation_email_override",
            "email",
        ),
        ({"notifications": "all"}, "notifications", "object"),
        ({"customization": {"locale": "Zulu!"}}, "customization.locale", "locale"),
        ({"payment": {"amount": "9", "amount_tax": "9.01"}}, "payment.amount_tax", "amount_tax"),
        ({"payment": {"amount": "9", "amount_tax": "-1"}}, "payment.amount_tax", "amount"),
        ({"payment": {"amount": "9", "amount_tax": "1.001"}}, "payment.amount_tax", "amount"),
    ],
)
def test_a_fault_in_what_its_charges_lead_to_is_named(fields, path, rule):
    assert faults({**body(), **fields}) == {path: rule}


def test_with_no_schedule_it_is_one_charge_today():
    schedule, due_on = first_day(read(body()).wanted, TODAY)
    assert (schedule.interval, due_on) == (Interval.ONCE, TODAY)


@pytest.mark.parametrize("spelling", ["one-time", "one_time"])
def test_a_single_charge_has_a_day_in_either_spelling(spelling):
    command = read(body(**{spelling: {"process_date": "2026-12-05"}}))
    assert first_day(command.wanted, TODAY)[1] == date(2026, 12, 5)


@pytest.mark.parametrize(
    "how",
    [
        {"payment_interval": "weekly"},
        {"payment_interval_lookups_id": lookups.id_of("payment_interval", "WEEKLY")},
    ],
)
def test_the_interval_is_named_by_enum_or_id(how):
    assert read(body(recurring=how)).wanted.interval is Interval.WEEKLY


def test_a_reference_is_made_where_none_is_given():
    command = read(changed(body(), "payment.transaction_reference", ABSENT))
    assert command.reference == command.id


@pytest.mark.parametrize(
    ("path", "value", "at", "rule"),
    [
        ("customer_id", ABSENT, "customer_id", "required"),
        ("customers_id", "cus_2", "customers_id", "same_value"),
        ("card", ABSENT, "card.token", "required"),
        ("card.token", 5, "card.token", "string"),
        ("payment", ABSENT, "payment", "required"),
        ("payment", "much", "payment", "object"),
        ("payment.amount", ABSENT, "payment.amount", "required"),
        ("payment.amount", "0.00", "payment.amount", "amount"),
        ("payment.amount", "9.999", "payment.amount", "amount"),
        ("payment.amount", "-5", "payment.amount", "amount"),
        ("payment.currency", "FLORIN", "payment.currency", "lookup"),
        ("payment.payment_methods_id", "pam_9", "payment.payment_methods_id", "payment_method"),
        ("payment.payment_methods_id", EFT.id, "payment.payment_methods_id", "card_method"),
        ("payment.transaction_reference", "x" * 36, "payment.transaction_reference", "max_length"),
        ("payment.recurring", [], "payment.recurring", "object"),
        ("payment.recurring.process_day", 0, "payment.recurring.process_day", "minimum"),
        ("payment.recurring.process_day", 32, "payment.recurring.process_day", "maximum"),
        ("payment.recurring.process_day", "ten", "payment.recurring.process_day", "integer"),
        ("payment.recurring.date_start", "1.12.2026", "payment.recurring.date_start", "day"),
        ("payment.recurring.date_end", "2026-02-30", "payment.recurring.date_end", "day"),
        (
            "payment.recurring",
            {"payment_interval": "hourly"},
            "payment.recurring.payment_interval",
            "lookup",
        ),
        (
            "payment.recurring",
            {"payment_interval": "DAILY", "process_day": 5},
            "payment.recurring.process_day",
            "process_day",
        ),
        (
            "payment.recurring",
            {"date_start": "2026-12-02", "date_end": "2026-12-01"},
            "payment.recurring.date_end",
            "date_end",
        ),
    ],
)
def test_a_fault_is_named(path, value, at, rule):
    assert faults(changed(body(), path, value)) == {at: rule}


def test_recurring_and_one_time_are_one_too_many():
    record = body(recurring={"process_day": 1}, **{"one-time": {"process_date": "2026-12-01"}})
    assert faults(record) == {"payment.one-time": "one_of"}


def test_all_faults_are_told_at_once():
    record = body(amount="x", recurring={"process_day": 40})
    del record["customer_id"]
    assert len(faults(record)) == 3


@pytest.mark.parametrize(
    ("recurring", "refusal", "path"),
    [
        ({"date_start": "2026-11-27"}, DayPast, "payment.recurring.date_start"),
        ({"date_start": "2057-01-01"}, DayTooFar, "payment.recurring.date_start"),
        ({"date_end": "2057-01-01"}, DayTooFar, "payment.recurring.date_end"),
        ({"date_end": "2026-12-04", "process_day": 5}, NoDayLeft, "payment.recurring.date_end"),
        ({"date_end": "2026-11-27"}, NoDayLeft, "payment.recurring.date_end"),
    ],
)
def test_a_day_that_can_t_be_is_refused(recurring, refusal, path):
    with pytest.raises(refusal) as refused:
        first_day(read(body(recurring=recurring)).wanted, TODAY)
    assert refused.value.path == path
