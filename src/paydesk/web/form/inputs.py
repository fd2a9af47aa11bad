"""Which inputs did a browser post? Bytes in, each input's text by its name out."""

from collections import Counter
from urllib.parse import parse_qsl

from paydesk import limits
from paydesk.errors import Kind, Refusal

_MEDIA_TYPE = "application/x-www-form-urlencoded"


class FormMediaType(Refusal):
    """A form is posted as application/x-www-form-urlencoded, as browsers do by themselves."""

    kind = Kind.MEDIA_TYPE


class InputsUnreadable(Refusal):
    """The form can't be read: it has too many inputs, or text that is not UTF-8."""

    kind = Kind.LAYOUT


class InputTwice(Refusal):
    """This input stands in the form twice; give it once."""


def read_inputs(content_type: str | None, body: bytes) -> dict[str, str]:
    """The inputs of a posted form, in their order.

    Bounds: at most limits.FORM_INPUTS_MAX inputs.
    Raises: FormMediaType, InputsUnreadable, InputTwice, in this order of checking.
    """
    if (content_type or "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise FormMediaType
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=limits.FORM_INPUTS_MAX,
        )
    except ValueError as broken:
        raise InputsUnreadable from broken
    # The database takes no NUL, and no browser's input holds one.
    if any("\0" in name or "\0" in text for name, text in pairs):
        raise InputsUnreadable
    # Which of the two is meant, and which of them was signed, nobody could say.
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise InputTwice(twice[0])
    return dict(pairs)
