"""The page's colours: two palettes, and what a merchant's brand colour becomes on each of them.

A brand colour is chosen for a logo, not for text. So text on it is black or white, whichever
contrasts more, and everything drawn with it on the page (links, edges, focus rings) is moved
in lightness until it can be read there. Source: WCAG 2.2, 1.4.3 and 1.4.11.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from paydesk.checkouts.model import Customization
from paydesk.merchants import Font, Radius, Theme

TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 3.0  # edges, icons, focus rings

# An ink blue: it has no other meaning on the page, unlike green, amber and red.
BRAND_DEFAULT = "#2447c9"

LIGHT: Mapping[str, str] = {
    "surface": "#ffffff",
    "panel": "#f5f6f8",
    "field": "#ffffff",
    "text": "#12151c",
    "muted": "#565d6b",
    "line": "#e1e4ea",
    "edge": "#868d9b",
    "bad": "#b42318",
    "bad-panel": "#fff4f2",
    "good": "#0a7a4b",
    "good-panel": "#e9f8f0",
    "test": "#5c3d00",
    "test-panel": "#fff3d1",
    "test-line": "#ecd394",
    "shadow": "0 1px 2px rgb(18 21 28/.04),0 1rem 2.5rem rgb(18 21 28/.06)",
}

DARK: Mapping[str, str] = {
    "surface": "#15171c",
    "panel": "#0d0f12",
    "field": "#1b1e24",
    "text": "#eef0f4",
    "muted": "#a3aab8",
    "line": "#2a2e36",
    "edge": "#6f7786",
    "bad": "#ff9d93",
    "bad-panel": "#2c1715",
    "good": "#5cd6a0",
    "good-panel": "#10291f",
    "test": "#f4d78a",
    "test-panel": "#2b2412",
    "test-line": "#55471f",
    "shadow": "none",
}

# Of buttons, fields and boxes. The largest still leaves a field's straight sides.
RADII: Mapping[Radius, str] = {
    Radius.NONE: "0",
    Radius.SMALL: ".25rem",
    Radius.MEDIUM: ".625rem",
    Radius.LARGE: "1.25rem",
}

# What the reader's own system has, because nothing is loaded; the last of each is always there.
FONTS: Mapping[Font, str] = {
    Font.SYSTEM: '-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",Arial,'
    "sans-serif",
    Font.SERIF: 'ui-serif,Georgia,Cambria,"Times New Roman",Times,serif',
    Font.MONO: 'ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace',
    Font.ROUNDED: 'ui-rounded,"SF Pro Rounded","Hiragino Maru Gothic ProN",Quicksand,'
    '"Arial Rounded MT Bold",Calibri,system-ui,sans-serif',
}

_BRAND = re.compile(r"#[0-9a-fA-F]{6}")

RGB = tuple[float, float, float]  # linear light, 0 to 1


def look_of(custom: Customization) -> str:
    """The look that a checkout's customization asks for."""
    return look(custom.brand_primary, custom.theme, custom.brand_radius, custom.brand_font)


@lru_cache(maxsize=1024)
def look(
    brand_primary: str | None = None,
    theme: Theme = Theme.AUTO,
    radius: Radius = Radius.MEDIUM,
    font: Font = Font.SYSTEM,
) -> str:
    """The custom properties of one merchant's page, as CSS rules for `:root`.

    Bounds: brand_primary is checked again here, because it goes into a style element as it is.
    """
    brand = (brand_primary or BRAND_DEFAULT).lower()
    if _BRAND.fullmatch(brand) is None:
        brand = BRAND_DEFAULT
    shape = f":root{{--radius:{RADII[radius]};--font:{FONTS[font]}}}"
    light = f":root{{color-scheme:light;{_properties(LIGHT, brand)}}}"
    dark = f":root{{color-scheme:dark;{_properties(DARK, brand)}}}"
    match theme:
        case Theme.LIGHT:
            return shape + light
        case Theme.DARK:
            return shape + dark
        case Theme.AUTO:
            return f"{shape}{light}@media (prefers-color-scheme:dark){{{dark}}}"


def brand_properties(palette: Mapping[str, str], brand: str) -> dict[str, str]:
    """What a brand colour becomes on a palette, by property name."""
    grounds = [palette[name] for name in ("surface", "panel", "field")]
    on_brand = max("#ffffff", "#000000", key=lambda text: contrast(text, brand))
    return {
        "brand": brand,
        "on-brand": on_brand,
        # Away from its text, so that hovering never lowers the contrast.
        "brand-hover": _shifted(brand, -0.05 if on_brand == "#ffffff" else 0.05),
        "brand-edge": _readable(brand, grounds, SHAPE_CONTRAST),
        "link": _readable(brand, grounds, TEXT_CONTRAST),
    }


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _properties(palette: Mapping[str, str], brand: str) -> str:
    colours = {**palette, **brand_properties(palette, brand)}
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def _readable(brand: str, grounds: list[str], ratio: float) -> str:
    """The brand colour moved in lightness, as little as needed, away from the grounds."""
    is_dark = _luminance(grounds[0]) < 0.18  # below it white contrasts more than black
    step = 0.01 if is_dark else -0.01
    colour, shift = brand, 0.0
    while min(contrast(colour, ground) for ground in grounds) < ratio:
        shift += step
        colour = _shifted(brand, shift)
    return colour


def _shifted(colour: str, by: float) -> str:
    """The colour with its OKLab lightness moved; its chroma fades towards black and white.

    Source: Björn Ottosson, "A perceptual color space for image processing" (2020).
    """
    lightness, a, b = _to_oklab(_linear(colour))
    moved = min(1.0, max(0.0, lightness + by))
    # Near the ends of the lightness axis sRGB has no room for chroma.
    room_before = min(lightness, 1 - lightness) or 1.0
    fade = min(1.0, min(moved, 1 - moved) / room_before)
    return _hex(_from_oklab((moved, a * fade, b * fade)))


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> RGB:
    red, green, blue = (_decoded(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _decoded(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _encoded(channel: float) -> float:
    clipped = min(1.0, max(0.0, channel))
    if clipped <= 0.0031308:
        return clipped * 12.92
    return float(1.055 * clipped ** (1 / 2.4) - 0.055)


def _hex(rgb: RGB) -> str:
    return "#" + "".join(f"{round(_encoded(channel) * 255):02x}" for channel in rgb)


def _to_oklab(rgb: RGB) -> RGB:
    red, green, blue = rgb
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lab: RGB) -> RGB:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
