"""What an operator says of a payment method → the method as it is to be."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from paydesk import limits, lookups
from paydesk.errors import Invalid
from paydesk.kit.fields import BLANK, Amount, Body, Given, check, fault, not_of_currency, nothing
from paydesk.kit.money import Money, MoneyFault
from paydesk.payment_methods.model import BankAccount, MethodType, PaymentMethod

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*")  # of an account or a branch, here or abroad


def _line(value: str | None) -> str | None:
    if value is not None and not value.isprintable():
        raise fault("printable", "Line breaks and control characters can't be shown here.")
    return value


def _number(value: str | None) -> str | None:
    if value is not None and not _NUMBER.fullmatch(value):
        raise fault("bank_number", "This has digits, letters, blanks and hyphens only.")
    return value


_Line = Annotated[
    str | None, Field(max_length=limits.BANK_LINE_LENGTH_MAX), AfterValidator(_line), BLANK
]
_Number = Annotated[
    str | None, Field(max_length=limits.BANK_NUMBER_LENGTH_MAX), AfterValidator(_number), BLANK
]


class BankAccountBody(Body):
    bank_name: _Line = None
    account_holder: _Line = None
    account_number: _Number = None
    branch_code: _Number = None


class TermsBody(Body):
    abbreviated_name: Annotated[
        str | None,
        Field(max_length=limits.ABBREVIATED_NAME_LENGTH_MAX),
        AfterValidator(_line),
        BLANK,
    ] = None
    item_limit: Amount = None
    monthly_limit: Amount = None
    connector: Annotated[str | None, Field(max_length=limits.ID_LENGTH_MAX), BLANK] = None
    bank_account: BankAccountBody | None = None


def read_terms(
    before: PaymentMethod, record: Mapping[str, Any], *, banks: Mapping[str, bool], is_live: bool
) -> PaymentMethod:
    """The method with what the record names instead; a blank limit or connector is cleared.

    Shape: banks has whether each known bank moves real money, by its name.
    Raises: Invalid, with every fault at once.
    """
    body, faults = check(TermsBody, record)
    given = Given(record, faults)
    item_limit, monthly_limit = _limit(given, "item_limit"), _limit(given, "monthly_limit")
    if body is None:
        raise Invalid(given.faults)
    named = body.model_fields_set
    after = replace(
        before,
        abbreviated_name=body.abbreviated_name or before.abbreviated_name,
        connector=body.connector if "connector" in named else before.connector,
        bank_account=_account_after(before.bank_account, body.bank_account),
        item_limit=item_limit if "item_limit" in named else before.item_limit,
        monthly_limit=monthly_limit if "monthly_limit" in named else before.monthly_limit,
    )
    _check_bank(given, after, banks, is_live=is_live)
    _check_account(given, after)
    if given.faults:
        raise Invalid(given.faults)
    return after


def _limit(given: Given, name: str) -> Money | None:
    text, rand = given(name), lookups.currency("ZAR")
    if text is None:
        return None
    try:
        limit = Money.parse(str(text), rand)
    except MoneyFault:
        given.note(not_of_currency(name, rand))
        return None
    if limit.minor == 0:
        given.note(nothing(name))
    return limit


def _account_after(before: BankAccount | None, body: BankAccountBody | None) -> BankAccount | None:
    if body is None:
        return before
    known = asdict(before or BankAccount("", "", "", ""))
    return BankAccount(**(known | body.model_dump(exclude_none=True)))


def _check_bank(
    given: Given, after: PaymentMethod, banks: Mapping[str, bool], *, is_live: bool
) -> None:
    """Notes a bank that can't collect by this method for this account, or one that is missing."""
    usable = [name for name, moves_money in banks.items() if moves_money == is_live]
    if after.type is MethodType.CARD and after.connector is not None:
        given.add("connector", "bank_of_cards", "Cards go to the account's acquirer; name no bank.")
    elif after.connector is not None and after.connector not in usable:
        known = ", ".join(usable) or "none yet"
        given.add("connector", "bank", f"The banks that this account can use are: {known}.")
    elif after.connector is None and after.type in _AT_BANK:
        given.require("connector")


_AT_BANK = {MethodType.INSTANT_EFT, MethodType.SCAN_TO_PAY}


def _check_account(given: Given, after: PaymentMethod) -> None:
    account = after.bank_account
    if after.type is not MethodType.PAYIN:
        if account is not None:
            given.add(
                "bank_account", "bank_account_unused", "Only a PAYIN has an account to pay into."
            )
        return
    for name, value in asdict(account or BankAccount("", "", "", "")).items():
        if not value:
            given.require("bank_account", name)
