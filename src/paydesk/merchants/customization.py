"""How a payer's page may look: the fields of `customization`, in a checkout and as defaults."""

import re
from enum import StrEnum
from typing import Annotated

from paydesk.kit.fields import Body, Checked, Flag, Shown, Text, fault
from paydesk.languages import NumberStyle

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# Language, and optionally script, region and variants. Source: RFC 5646, section 2.1.
_LOCALE = re.compile(r"auto|[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8}){0,3}")


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


class PageType(StrEnum):
    PAGE = "page"
    EMBED = "embed"  # may stand in a frame of the merchant's own page


class BrandLogo(StrEnum):
    """Which logo the page shows: an account has one, or its name is shown."""

    ACCOUNT = "account"
    NONE = "none"


class Radius(StrEnum):
    """How round corners are."""

    NONE = "none"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Font(StrEnum):
    """Families of the reader's own system: nothing is loaded."""

    SYSTEM = "system"
    SERIF = "serif"
    MONO = "mono"
    ROUNDED = "rounded"


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


Locale = Annotated[
    Text, _matching(_LOCALE, "locale", "A locale is auto, or written such as en-ZA.")
]


class BrandBody(Body):
    primary: Annotated[
        Text, _matching(_COLOUR, "colour", "A colour is # and six digits 0-9, a-f.")
    ] = None
    logo: Annotated[Text, _one_of("logo_shown", "The logo is account or none.", *BrandLogo)] = None
    radius: Annotated[
        Text, _one_of("radius", "The radius is none, small, medium or large.", *Radius)
    ] = None
    font: Annotated[Text, _one_of("font", "The font is system, serif, mono or rounded.", *Font)] = (
        None
    )


class CustomizationBody(Body):
    locale: Locale = None
    number_style: Annotated[
        Text,
        _one_of(
            "number_style",
            "A number style is 1 200.00, 1 200,00, 1,200.00 or locale.",
            *NumberStyle,
        ),
    ] = None
    theme: Annotated[Text, _one_of("theme", "The theme is light, dark or auto.", *Theme)] = None
    type: Annotated[Text, _one_of("page_type", "The type is page or embed.", *PageType)] = None
    display_cancel_button: Flag = None
    display_total: Flag = None
    display_cart: Flag = None
    brand: BrandBody | None = None
