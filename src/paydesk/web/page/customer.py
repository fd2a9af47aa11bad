"""Reads who pays from the posted form, and shows the inputs that ask for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers

from paydesk import customers, lookups
from paydesk.customers import NewCustomer
from paydesk.errors import Invalid
from paydesk.languages import Language, country_names, translatable
from paydesk.web.page.customer_inputs import (
    BILLING,
    EMAIL,
    PASSPORT,
    SHIPPING,
    SOUTH_AFRICAN_ID,
    Group,
    Input,
    groups_of,
)
from paydesk.web.page.postal_codes import is_postal_code
from paydesk.web.page.typos import suggested

# What else the form has: the payer's answers to two questions.
SAME_ADDRESS_INPUT = "customer.shipping_is_billing"
SUGGESTION_INPUT = "customer.email_suggestion"
_YES = "yes"
_HOME = "ZA"
_SUGGESTED = "suggested"
_ID_TYPES = (
    (SOUTH_AFRICAN_ID, translatable("South African ID")),
    (PASSPORT, translatable("Passport")),
)


class CustomerFaults(Exception):
    """Inputs that have to be corrected.

    Shape: by_input maps an input's name to `missing`, `wrong` or `suggested`.
    """

    def __init__(self, by_input: Mapping[str, str]) -> None:
        super().__init__()
        self.by_input = by_input


def read_customer(
    fields: Mapping[str, str], customer_fields: tuple[str, ...] | None
) -> NewCustomer:
    """The customer that the form's inputs describe; inputs that were not asked for are passed over.

    Raises: CustomerFaults.
    """
    groups = groups_of(customer_fields)
    is_same = {BILLING, SHIPPING} <= set(groups) and fields.get(SAME_ADDRESS_INPUT) == _YES
    asked = [one for one in _all(groups) if not (is_same and one in SHIPPING.inputs)]
    typed = _plain({one.path: text for one in asked if (text := fields.get(one.name, "").strip())})
    faults = _faults_of_postal_codes(typed, asked) | _ask_about_email(typed, fields)
    if is_same:
        typed |= {
            ("shipping", "address", *path[1:]): text
            for path, text in typed.items()
            if path[0] == "billing_address"
        }
    try:
        customer = customers.read_typed(
            _record(typed), [one.path for one in asked if not one.is_optional]
        )
    except Invalid as bad:
        raise CustomerFaults(faults | _faults_by_input(bad, asked)) from None
    if faults:
        raise CustomerFaults(faults)
    return customer


def _ask_about_email(
    typed: dict[tuple[str, ...], str], fields: Mapping[str, str]
) -> dict[str, str]:
    """A fault where the email looks mistyped and the payer has not said yet which one is right.

    Where they have, the one that is right is put in its place.
    """
    right = _right_email(fields)
    if right is None:
        return {EMAIL.name: _SUGGESTED}
    if right:
        typed[EMAIL.path] = right
    return {}


def _right_email(fields: Mapping[str, str]) -> str | None:
    """The email that was typed, or chosen in its place; None where the payer has yet to choose."""
    email = fields.get(EMAIL.name, "").strip()
    suggestion = suggested(email)
    # The answer is the address itself, so that it holds for no other that is typed afterwards.
    chosen = fields.get(SUGGESTION_INPUT, "").strip()
    if not suggestion or chosen == email:
        return email
    return suggestion if chosen == suggestion else None


def _faults_by_input(bad: Invalid, asked: Iterable[Input]) -> dict[str, str]:
    by_path = {fault.path: fault.rule for fault in bad.faults()}
    told = {
        one.name: "missing" if by_path[path] == "required" else "wrong"
        for one in asked
        if (path := ".".join(one.path)) in by_path
    }
    # Should a rule ever stand at no input, the payer is not left without a word.
    return told or {"form": "form_unreadable"}


def _all(groups: tuple[Group, ...]) -> Iterator[Input]:
    return (one for group in groups for one in group.inputs)


def _plain(typed: Mapping[tuple[str, ...], str]) -> dict[tuple[str, ...], str]:
    """What was typed, as it is kept: numbers of phones as E.164, ID numbers without blanks."""
    home = typed.get(("billing_address", "country"), _HOME)
    there = typed.get(("shipping", "address", "country"), home)
    return {
        path: _phone(value, there if path[0] == "shipping" else home)
        if path[-1] == "contact_number"
        else value.replace(" ", "").replace("-", "")
        if path == ("id_number",)
        else value
        for path, value in typed.items()
    }


def _phone(text: str, country: str) -> str:
    """The number with its country code; unchanged where it is none, for the check to say so."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_valid_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _faults_of_postal_codes(
    typed: Mapping[tuple[str, ...], str], asked: Iterable[Input]
) -> dict[str, str]:
    return {
        one.name: "wrong"
        for one in asked
        if one.path[-1] == "postal_or_zip_code"
        and (code := typed.get(one.path))
        and not is_postal_code(code, typed.get((*one.path[:-1], "country"), ""))
    }


def _record(typed: Mapping[tuple[str, ...], str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for path, value in typed.items():
        inner = record
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = value
    # The kind is always chosen; without a number it says nothing.
    if "id_number" not in record:
        record.pop("id_type", None)
    return record


@dataclass(frozen=True, slots=True)
class OptionView:
    """One entry of a list. is_chosen marks the one that is."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class InputView:
    """One input with what was typed and what is wrong with it. label and error are translatable."""

    id: str
    name: str
    kind: str
    label: str
    autocomplete: str
    inputmode: str
    length_max: str
    value: str
    error: str
    is_optional: bool
    options: tuple[OptionView, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """Inputs under a heading, which is translatable; the second address may be the first."""

    title: str
    inputs: tuple[InputView, ...]
    may_be_same: bool
    is_same: bool


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The form's part that asks who pays.

    suggestion is an address the payer may have meant; settled_email one that looks mistyped and
    that they said is right.
    """

    groups: tuple[GroupView, ...]
    suggestion: str
    settled_email: str

    @property
    def inputs(self) -> Iterator[InputView]:
        return (one for group in self.groups for one in group.inputs)


# Nothing is asked.
KNOWN_CUSTOMER = CustomerView((), "", "")


def customer_view(
    customer_fields: tuple[str, ...] | None,
    language: Language,
    *,
    typed: Mapping[str, str],
    faults: Mapping[str, str],
) -> CustomerView:
    """The inputs, with what was typed and found wrong where the form is shown again."""
    groups = groups_of(customer_fields)
    is_suggested = faults.get(EMAIL.name) == _SUGGESTED
    # What the payer chose once is not asked again when something else is to be corrected.
    right = _right_email(typed)
    shown = {**typed, EMAIL.name: right} if right else typed
    return CustomerView(
        groups=tuple(
            GroupView(
                title=group.title,
                inputs=tuple(_input(one, language, shown, faults) for one in group.inputs),
                may_be_same=group is SHIPPING and BILLING in groups,
                is_same=not typed or typed.get(SAME_ADDRESS_INPUT) == _YES,
            )
            for group in groups
        ),
        suggestion=suggested(typed.get(EMAIL.name, "").strip()) if is_suggested else "",
        settled_email=right if right and suggested(right) else "",
    )


def _input(
    one: Input, language: Language, typed: Mapping[str, str], faults: Mapping[str, str]
) -> InputView:
    value = typed.get(one.name, "")
    match faults.get(one.name):
        case None:
            error = ""
        case "missing":
            error = one.missing
        case "suggested":
            error = translatable("Check your email address: is one letter wrong?")
        case _:
            error = one.wrong
    return InputView(
        id=one.id,
        name=one.name,
        kind=one.kind,
        label=one.label,
        autocomplete=one.autocomplete,
        inputmode=one.inputmode,
        length_max=str(one.length_max),
        value=value,
        error=error,
        is_optional=one.is_optional,
        options=_options(one.kind, language, value),
    )


def _options(kind: str, language: Language, value: str) -> tuple[OptionView, ...]:
    if kind == "country":
        codes = [one.enum for one in lookups.group("country") or ()]
        chosen = value if value in codes else _HOME
        return tuple(
            OptionView(code, name, code == chosen) for code, name in country_names(language, codes)
        )
    if kind == "id_type":
        return tuple(OptionView(enum, text, enum == value) for enum, text in _ID_TYPES)
    return ()
