"""The types of request fields: strict pydantic types whose faults say what to do.

They check one field alone. What must fit together, and what may not be missing, is asked by
each `wire.py` over the body as it came (`Given`), because pydantic skips a model's own rules as
soon as one field is at fault, and a caller should hear of everything at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar

import email_validator
import phonenumbers
from jiter import LosslessFloat
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from paydesk import limits
from paydesk.errors import Fault, Kind
from paydesk.kit import json
from paydesk.kit.money import Currency

M = TypeVar("M", bound=BaseModel)


# Python takes four separators for blanks that regular expressions elsewhere do not.
BLANK_SCHEMA: Mapping[str, Any] = {"type": "string", "pattern": r"^[\s\x1c-\x1f]*$"}
NOT_BLANK_PATTERN = r"[^\s\x1c-\x1f]"
_PLAIN_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")
# What nearly every address and number looks like. They spare the libraries' closer look, which
# costs more than reading the rest of the body; a test asks the libraries about them.
_ORDINARY_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]{1,20}(?:\.[A-Za-z0-9_+-]{1,20}){0,2}@(?:[a-z0-9]{1,40}\.){1,4}"
    r"(?!arpa|invalid|local|onion)[a-z]{2,20}"
)
_ORDINARY_PHONE = re.compile(r"\+27[1-9][0-9]{8}")
# phonenumbers takes far more for a number than people write: letters, dates, extensions.
_PHONE_CHARACTERS = re.compile(r"[0-9 ()+.-]+")


Required = tuple[str | tuple[str, ...], ...]


class Body(BaseModel):
    """A JSON object of a request. Unknown members are ignored and never kept.

    REQUIRED tells the reference page what may not be missing: a member's name, or several of
    which one is enough. The rule itself is asked by `wire.py`; a test holds the two together.
    """

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)
    REQUIRED: ClassVar[Required] = ()


@dataclass(frozen=True)
class Shown:
    """How a field is described to callers, where its Python type tells less than is true.

    Shape: forms are the JSON Schemas of what may be given. Null, and a blank text where
        blank_is_absent, are as good as nothing and are added.
    """

    forms: Sequence[Mapping[str, Any]]
    blank_is_absent: bool = True

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        blank = [BLANK_SCHEMA] if self.blank_is_absent else []
        return {"anyOf": [*map(dict, self.forms), *map(dict, blank), {"type": "null"}]}


@dataclass(frozen=True)
class Checked(AfterValidator):
    """A check of a field together with how it is described."""

    shown: Shown

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self.shown.__get_pydantic_json_schema__(schema, handler)


def fault(rule: str, sentence: str, kind: Kind = Kind.INVALID) -> PydanticCustomError:
    """What a field's check raises: the rule's name and the sentence callers read."""
    # Braces would be taken for a template.
    return PydanticCustomError(rule, sentence.replace("{", "(").replace("}", ")"), {"kind": kind})


def _blank_is_absent(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _amount(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    text = str(value) if isinstance(value, int | LosslessFloat) else value
    if isinstance(text, str) and not _PLAIN_AMOUNT.fullmatch(text):
        raise fault("amount", "An amount is written in digits with a point, such as 1200.00.")
    return text


def _email(value: Any) -> Any:
    if isinstance(value, str) and not _ORDINARY_EMAIL.fullmatch(value):
        try:
            # test_environment admits .test, a domain reserved for tests.
            email_validator.validate_email(value, check_deliverability=False, test_environment=True)
        except email_validator.EmailNotValidError as broken:
            raise fault("email", "This is not an e-mail address.") from broken
    return value


def _phone(value: Any) -> Any:
    if isinstance(value, str) and not _ORDINARY_PHONE.fullmatch(value):
        try:
            number = phonenumbers.parse(value, "ZA")
        except phonenumbers.NumberParseException:
            number = None
        is_written_well = _PHONE_CHARACTERS.fullmatch(value) is not None
        if number is None or not is_written_well or not phonenumbers.is_valid_number(number):
            raise fault("phone", "This is not a phone number. Write it such as +27831234567.")
    return value


def phone_spellings(text: str) -> list[str]:
    """The number as it is written here and as others write it, for finding it among what is kept.

    >>> phone_spellings("083 123 4567")
    ['+27 83 123 4567', '+27831234567', '083 123 4567', '0831234567']
    """
    try:
        number = phonenumbers.parse(text, "ZA")
    except phonenumbers.NumberParseException:
        return [text]
    forms = phonenumbers.PhoneNumberFormat
    written = {
        text,
        phonenumbers.format_number(number, forms.INTERNATIONAL),
        phonenumbers.format_number(number, forms.NATIONAL),
    }
    return sorted(written | {spelling.replace(" ", "") for spelling in written})


def _metadata(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if len(value) > limits.METADATA_KEYS_MAX:
        raise fault("metadata_keys", f"Metadata has {limits.METADATA_KEYS_MAX} keys at most.")
    if any(len(key) > limits.METADATA_KEY_LENGTH_MAX for key in value):
        raise fault(
            "metadata_key",
            f"A metadata key has {limits.METADATA_KEY_LENGTH_MAX} characters at most.",
        )
    if len(json.write(value)) > limits.METADATA_BYTES_MAX:
        raise fault("metadata_size", f"Metadata has {limits.METADATA_BYTES_MAX} bytes at most.")
    return value


def as_names(value: Any) -> Any:
    """A list as it is, and a text as the names in it."""
    return names_in(value) if isinstance(value, str) else value


def names_in(text: str) -> list[str]:
    """The names in a text with commas between them.

    >>> names_in("email, billing,")
    ['email', 'billing']
    """
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_same(one: Any, other: Any) -> bool:
    # A list may be written as an array in one place and as a text in the other.
    if isinstance(one, list) != isinstance(other, list):
        return bool(as_names(one) == as_names(other))
    # A postal code may be a number in one place and a text in the other.
    if isinstance(one, str) and isinstance(other, int):
        return one == str(other)
    return bool(one == other)


# A blank text is as good as none. It stands last, because before-validators run last to first.
BLANK = BeforeValidator(_blank_is_absent)

Text = Annotated[str | None, Field(max_length=limits.TEXT_LENGTH_MAX), BLANK]
Reference = Annotated[str | None, Field(max_length=limits.REFERENCE_LENGTH_MAX), BLANK]
ID = Annotated[str | None, Field(max_length=limits.ID_LENGTH_MAX), BLANK]
Flag = bool | None
_AMOUNT_FORMS = [
    {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "maxLength": 40},
    {"type": "number", "minimum": 0},
]
Amount = Annotated[
    str | None, Field(max_length=40), BeforeValidator(_amount), BLANK, Shown(_AMOUNT_FORMS)
]
# One that is either left out or meant: a blank text is no amount, and nor is null.
MeantAmount = Annotated[
    str,
    Field(max_length=40),
    BeforeValidator(_amount),
    WithJsonSchema({"anyOf": _AMOUNT_FORMS}),
]
Email = Annotated[
    str | None,
    Field(max_length=limits.EMAIL_LENGTH_MAX),
    Checked(
        _email,
        Shown([{"type": "string", "format": "email", "maxLength": limits.EMAIL_LENGTH_MAX}]),
    ),
    BLANK,
]
Phone = Annotated[
    str | None, Field(max_length=limits.PHONE_LENGTH_MAX), AfterValidator(_phone), BLANK
]
Metadata = Annotated[
    dict[str, Any] | None,
    BeforeValidator(_metadata),
    Shown(
        [
            {
                "type": "object",
                "maxProperties": limits.METADATA_KEYS_MAX,
                "propertyNames": {"maxLength": limits.METADATA_KEY_LENGTH_MAX},
            }
        ],
        blank_is_absent=False,
    ),
]

# In a reply: an exact decimal (LosslessFloat), written as a JSON number.
Number = Annotated[Any, WithJsonSchema({"type": "number"})]

# Short strings, given as an array, one string, or a string with commas.
Name = Annotated[str, Field(max_length=limits.ID_LENGTH_MAX)]
_NAME_LIST = {
    "type": "array",
    "maxItems": limits.NAMES_MAX,
    "items": {"type": "string", "maxLength": limits.ID_LENGTH_MAX},
}
Names = Annotated[
    list[Name] | None,
    Field(max_length=limits.NAMES_MAX),
    BeforeValidator(as_names),
    Shown([_NAME_LIST, {"type": "string"}], blank_is_absent=False),
]


def check(model: type[M], record: Mapping[str, Any]) -> tuple[M | None, list[Fault]]:
    """The record as this model, or all faults of its fields."""
    try:
        return model.model_validate(record), []
    except ValidationError as broken:
        return None, [
            _fault(error) for error in broken.errors(include_url=False, include_input=False)
        ]


# pydantic's error types, the rule we publish, our sentence, and whether the type itself is wrong.
_TYPES: Mapping[str, tuple[str, str, Kind]] = {
    "missing": ("required", "This field is required.", Kind.PARAMETERS),
    "string_type": ("string", "This field is a text.", Kind.PARAMETERS),
    "bool_type": ("boolean", "This field is true or false.", Kind.PARAMETERS),
    "int_type": ("integer", "This field is a whole number.", Kind.PARAMETERS),
    "list_type": ("array", "This field is an array.", Kind.PARAMETERS),
    "dict_type": ("object", "This field is an object.", Kind.PARAMETERS),
    "model_type": ("object", "This field is an object.", Kind.PARAMETERS),
    "extra_forbidden": ("unknown_field", "This call knows no such field.", Kind.INVALID),
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "string_too_long": ("max_length", "At most {max_length} characters are allowed here."),
    "too_long": ("max_items", "At most {max_length} entries are allowed here."),
    "greater_than_equal": ("minimum", "At least {ge} is needed here."),
    "less_than_equal": ("maximum", "At most {le} is allowed here."),
}


def _fault(error: ErrorDetails) -> Fault:
    path = ".".join(str(part) for part in error["loc"])
    context = error.get("ctx", {})
    if error["type"] in _TYPES:
        rule, sentence, kind = _TYPES[error["type"]]
        return Fault(path, rule, sentence, kind)
    if error["type"] in _BOUNDS:
        rule, sentence = _BOUNDS[error["type"]]
        return Fault(path, rule, sentence.format(**context), Kind.INVALID)
    return Fault(path, error["type"], error["msg"], context.get("kind", Kind.PARAMETERS))


def nothing(path: str) -> Fault:
    """The fault of an amount of nothing, where something is to be paid or moved."""
    return Fault(path, "amount", "The amount is more than nothing.")


def not_of_currency(path: str, currency: Currency, *, rest: str = "") -> Fault:
    """The fault of an amount that does not fit its currency; rest is what else is told."""
    return Fault(
        path,
        "amount",
        f"An amount in {currency.code} has {currency.digits} decimals at most{rest}.",
    )


class Given:
    """A request's record seen through its faults: what is blank or at fault counts as not there.

    Rules about several fields read the record here, so that they can be asked even when some
    fields are at fault, and never speak of a field that already has a fault of its own.
    """

    def __init__(self, record: Mapping[str, Any], faults: Sequence[Fault]) -> None:
        self._record = record
        self._at_fault = {fault.path for fault in faults}
        self.faults: list[Fault] = list(faults)

    def __call__(self, *path: str | int) -> Any:
        """The value at this path, or None."""
        if self._at_fault and self.is_faulty(*path):
            return None
        value: Any = self._record
        for part in path:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return _blank_is_absent(value)

    def is_faulty(self, *path: str | int) -> bool:
        """Whether this field, or the object it stands in, has a fault already."""
        if not self._at_fault:
            return False
        steps = [".".join(map(str, path[: depth + 1])) for depth in range(len(path))]
        return any(step in self._at_fault for step in steps)

    def add(self, path: str, rule: str, sentence: str, kind: Kind = Kind.INVALID) -> None:
        """Notes a fault. Past limits.FAULTS_MAX, which are told, it only counts as at fault."""
        self.note(Fault(path, rule, sentence, kind))

    def note(self, fault: Fault) -> None:
        """Notes a fault as `add` does."""
        self._at_fault.add(fault.path)
        if len(self.faults) < limits.FAULTS_MAX:
            self.faults.append(fault)

    def require(self, *path: str | int) -> None:
        """Notes a fault where nothing is given at this path."""
        if self(*path) is None and not self.is_faulty(*path):
            self.add(
                ".".join(map(str, path)), "required", "This field is required.", Kind.PARAMETERS
            )

    def same(self, one: tuple[str, ...], other: tuple[str, ...]) -> None:
        """Notes a fault where two spellings of one field are given with different values."""
        first, second = self(*one), self(*other)
        if first is not None and second is not None and not _is_same(first, second):
            self.add(
                ".".join(other), "same_value", f"{'.'.join(one)} says something else; give one."
            )
