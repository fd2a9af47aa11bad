"""What the payer posted: bytes of the page's two forms in, checked fields out.

Only the shape is judged here. Whether the card fields make a card is the vault's to say, so
they pass through untouched and appear in no exception and no repr.
"""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from dataclasses import fields as dataclass_fields
from urllib.parse import parse_qsl

from paydesk import limits
from paydesk.cards.model import CardForm
from paydesk.errors import Kind, Refusal
from paydesk.kit.json import Unreadable, read_object
from paydesk.payment_methods import MethodType
from paydesk.threeds import Script


class FormUnreadable(Refusal):
    """The form arrived damaged. Please fill it in again."""

    kind = Kind.LAYOUT


class FormTooLarge(Refusal):
    """The form is larger than any card form."""

    kind = Kind.TOO_LARGE


@dataclass(frozen=True, slots=True)
class PayForm:
    """The card form as the payer filled it in. attempt is the token of the page it was on.

    script is what the page's script saw of the browser, None where none ran. customer is what was
    typed about who pays, by the inputs' names; method how they want to pay. work is a proof of
    work, if one came. saved_card is the id of the saved card that was chosen, empty or `new` for
    another; is_agreed: that one may be saved.
    """

    attempt: str
    card: CardForm
    method: str = "CARD"
    script: Script | None = None
    customer: Mapping[str, str] = field(default_factory=dict, repr=False)
    work: str = ""
    saved_card: str = ""
    is_agreed: bool = False


@dataclass(frozen=True, slots=True)
class FormValues:
    """What a form shown again keeps, and what to say about it.

    A number and a security code are never sent back to a browser, so there is no place for
    them here.

    Shape: faults maps number, expiry, security_code, name, or form for the whole, to a rule
        of `texts.FAULTS`; and inputs about the customer, whose values customer keeps, to
        `missing`, `wrong` or `suggested`.
    """

    name: str = ""
    expiry: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    customer: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = ""
    saved_card: str = ""
    is_agreed: bool | None = None


ATTEMPT_INPUT = "attempt"
METHOD_INPUT = "method"
LEAVE_INPUT = "leave"
CANCEL_INPUT = "cancel"
EXTEND_INPUT = "extend"
PREFIX = "customer."  # of the inputs about who pays
SAVED_CARD_INPUT = "card"
CONSENT_INPUT = "save_card"
REMOVE_INPUT = "remove"
WORK_INPUT = "work"  # the answer to a challenge, found by the page's script
BROWSER_INPUT = "browser"  # filled by the page's script, as JSON
# The card inputs' names, by our field. They start with `card_` so that wallets and password
# managers take them for what they are.
CARD_INPUTS: Mapping[str, str] = {
    "number": "card_number",
    "expiry": "card_expiry",
    "security_code": "card_security_code",
    "name": "card_name",
}

# No text input can hold these. A tab, which pasted text brings along, is let through.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def read_pay_form(body: bytes) -> PayForm:
    """The posted card form; fields that are missing are empty, unknown ones are passed over.

    Raises: FormTooLarge, FormUnreadable, in this order of checking.
    """
    fields = _fields(body)
    card = CardForm(**{name: fields.get(input_, "") for name, input_ in CARD_INPUTS.items()})
    customer = {name: value for name, value in fields.items() if name.startswith(PREFIX)}
    script = _script(fields.get(BROWSER_INPUT, ""))
    method = fields.get(METHOD_INPUT, MethodType.CARD)
    work = fields.get(WORK_INPUT, "")
    return PayForm(
        attempt=fields.get(ATTEMPT_INPUT, ""),
        card=card,
        method=method,
        script=script,
        customer=customer,
        work=work,
        saved_card=fields.get(SAVED_CARD_INPUT, ""),
        is_agreed=fields.get(CONSENT_INPUT) == "yes",
    )


def read_cancel_form(body: bytes) -> str:
    """The cancel token of a posted cancel form, empty if there is none.

    Raises: FormTooLarge, FormUnreadable, in this order of checking.
    """
    return _fields(body).get(CANCEL_INPUT, "")


def read_extend_form(body: bytes) -> str:
    """The token of a posted form that asks for more time, empty if there is none.

    Raises: FormTooLarge, FormUnreadable, in this order of checking.
    """
    return _fields(body).get(EXTEND_INPUT, "")


def read_code_form(body: bytes) -> tuple[str, str]:
    """The token and the security code of a form that asks for the code alone.

    Raises: FormTooLarge, FormUnreadable, in this order of checking.
    """
    fields = _fields(body)
    return fields.get(ATTEMPT_INPUT, ""), fields.get(CARD_INPUTS["security_code"], "")


def fields_of(body: bytes) -> dict[str, str]:
    """The inputs of a small form; of one name, the last. Raises: FormUnreadable."""
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=limits.PAY_FORM_FIELDS_MAX))
    except ValueError as bad:
        raise FormUnreadable from bad


def kept_values(form: PayForm, faults: Mapping[str, str]) -> FormValues:
    """What is shown again of a refused form, and what was wrong: no number and no code."""
    return FormValues(
        name=form.card.name,
        expiry=form.card.expiry,
        faults=faults,
        customer=form.customer,
        method=form.method,
        saved_card=form.saved_card,
        is_agreed=form.is_agreed,
    )


def _script(text: str) -> Script | None:
    """What the script saw; a browser that tells nonsense is treated as one without script."""
    try:
        seen = read_object(text.encode())
        script = Script(**{field.name: seen[field.name] for field in dataclass_fields(Script)})
    except (Unreadable, KeyError):
        return None
    parts = dataclass_fields(Script)
    return script if all(_is_seen(part, getattr(script, part.name)) for part in parts) else None


def _is_seen(part: "Field[object]", value: object) -> bool:
    if part.type is int:
        return type(value) is int and abs(value) < _PIXELS_MAX
    if part.type is bool:
        return isinstance(value, bool)
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


_PIXELS_MAX = 1_000_000  # six digits are what the protocol has for a screen's side
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")


def _fields(body: bytes) -> dict[str, str]:
    if len(body) > limits.PAY_BODY_BYTES_MAX:
        raise FormTooLarge
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=limits.PAY_FORM_FIELDS_MAX,
        )
    except ValueError:
        # Without its cause, whose text could carry part of a card number.
        raise FormUnreadable from None
    fields = dict(pairs)
    if len(fields) != len(pairs) or not all(map(_is_plausible, fields.values())):
        raise FormUnreadable
    return fields


def _is_plausible(value: str) -> bool:
    return len(value) <= limits.PAY_FIELD_LENGTH_MAX and _CONTROL.search(value) is None
