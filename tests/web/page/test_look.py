import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.checkouts.model import Theme
from paydesk.merchants import Font, Radius
from paydesk.web.page.look import DARK, FONTS, LIGHT, RADII, brand_properties, contrast, look

RANDOM = random.Random(7)
BRANDS = [
    "#000000", "#ffffff", "#00dc82", "#ffd400", "#ff5a00", "#0d6efd", "#777777", "#0000ff",
    *(f"#{RANDOM.randrange(1 << 24):06x}" for _ in range(1000)),
]  # fmt: skip
PALETTES = {"light": LIGHT, "dark": DARK}


def test_a_brand_colour_becomes_custom_properties():
    assert "--brand:#00dc82;--on-brand:#000000" in look("#00DC82", Theme.LIGHT)


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#00dc82") == pytest.approx(1.82, abs=0.005)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_every_brand_colour_can_be_read(palette):
    grounds = [palette[name] for name in ("surface", "panel", "field")]
    for brand in BRANDS:
        derived = brand_properties(palette, brand)
        assert contrast(derived["on-brand"], derived["brand"]) >= 4.5
        assert contrast(derived["on-brand"], derived["brand-hover"]) >= 4.5
        for ground in grounds:
            assert contrast(derived["link"], ground) >= 4.5, brand
            assert contrast(derived["brand-edge"], ground) >= 3, brand


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize(
    ("over", "under", "ratio"),
    [
        ("text", "surface", 7),
        ("text", "panel", 7),
        ("text", "bad-panel", 7),
        ("muted", "surface", 4.5),
        ("muted", "panel", 4.5),
        ("muted", "field", 4.5),
        ("bad", "surface", 4.5),
        ("bad", "bad-panel", 4.5),
        ("test", "test-panel", 4.5),
        ("edge", "surface", 3),
        ("edge", "field", 3),
        ("good", "good-panel", 3),
    ],
)
def test_the_palettes_can_be_read(palette, over, under, ratio):
    assert contrast(palette[over], palette[under]) >= ratio


def test_a_theme_decides_what_the_payers_system_may_choose():
    assert "prefers-color-scheme" in look(None, Theme.AUTO)
    assert "prefers-color-scheme" not in look(None, Theme.LIGHT) + look(None, Theme.DARK)
    assert "color-scheme:dark" in look(None, Theme.DARK)
    assert "color-scheme:light" not in look(None, Theme.DARK)


@pytest.mark.parametrize(
    "hostile", ["red", "#fff", "#12345g", "#123456;}", "#123456\n", "</style><script>", ""]
)
def test_anything_but_a_colour_is_not_put_into_the_style(hostile):
    assert look(hostile, Theme.AUTO) == look(None, Theme.AUTO)


CUBE = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


@given(
    CUBE,
    st.sampled_from(Theme),
    st.sampled_from(Radius),
    st.sampled_from(Font),
)
def test_every_look_of_the_cube_can_be_read(brand, theme, radius, font):
    style = look(brand, theme, radius, font)
    assert f"--radius:{RADII[radius]};--font:{FONTS[font]}" in style
    # As the page has it, rule by rule: what is written is what is judged.
    rules = re.findall(r":root\{color-scheme:(\w+);([^}]*)\}", style)
    assert {name for name, _ in rules} == ({"light", "dark"} if theme is Theme.AUTO else {theme})
    for _, text in rules:
        found = dict(part.split(":", 1) for part in text.split(";"))
        for ground in ("--surface", "--panel", "--field"):
            assert contrast(found["--link"], found[ground]) >= 4.5
            assert contrast(found["--brand-edge"], found[ground]) >= 3
            assert contrast(found["--text"], found[ground]) >= 4.5
        for over in ("--brand", "--brand-hover"):
            assert contrast(found["--on-brand"], found[over]) >= 4.5
    assert style.count("{") == style.count("}")
    assert not set(style) & set("<>&\\")
