"""How a payer's page may look: the fields of `customization`, in a checkout and as defaults."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from paydesk.kit.fields import NOT_AVAILABLE, Body, Checked, Flag, Shown, Text, fault
from paydesk.languages import NumberStyle

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# Language, and optionally script, region and variants. Source: RFC 5646, section 2.1.
_LOCALE = re.compile(r"auto|[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8}){0,3}")


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


def _one_of(rule: str, sentence: str, *choices: str) -> Checked:
    def known(value: str | None) -> str | None:
        if value is not None and value.lower() not in choices:
            raise fault(rule, sentence)
        return None if value is None else value.lower()

    return Checked(known, Shown([{"type": "string", "enum": [*choices]}]))


def _matching(pattern: re.Pattern[str], rule: str, sentence: str) -> Checked:
    def known(value: str | None) -> str | None:
        if value is not None and not pattern.fullmatch(value):
            raise fault(rule, sentence)
        return value

    return Checked(known, Shown([{"type": "string", "pattern": f"^{pattern.pattern}$"}]))


def _page_type(value: str | None) -> str | None:
    if value == "embed":
        raise fault("not_available", NOT_AVAILABLE)
    return value


class BrandBody(Body):
    primary: Annotated[
        Text, _matching(_COLOUR, "colour", "A colour is # and six digits 0-9, a-f.")
    ] = None


class CustomizationBody(Body):
    locale: Annotated[
        Text, _matching(_LOCALE, "locale", "A locale is auto, or written such as en-ZA.")
    ] = None
    number_style: Annotated[
        Text,
        _one_of(
            "number_style",
            "A number style is 1 200.00, 1 200,00, 1,200.00 or locale.",
            *NumberStyle,
        ),
    ] = None
    theme: Annotated[Text, _one_of("theme", "The theme is light, dark or auto.", *Theme)] = None
    type: Annotated[
        Text,
        _one_of("page_type", "The type is page or embed.", "page", "embed"),
        AfterValidator(_page_type),
    ] = None
    display_cancel_button: Flag = None
    display_total: Flag = None
    display_cart: Flag = None
    brand: BrandBody | None = None
