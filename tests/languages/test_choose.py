import pytest

from paydesk.languages import ENGLISH, LANGUAGES, choose


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("en-ZA", "en"),
        ("zu-ZA", "zu"),
        ("zu", "zu"),
        ("AF_za", "af"),
        ("nso-ZA", "nso"),
        ("zh-Hans-CN", "zh"),
        ("pt-BR", "pt"),
        # No words for these.
        ("tlh", "en"),
        ("ja-JP", "en"),
    ],
)
def test_a_locale_decides_whatever_the_browser_wants(locale, code):
    assert choose(locale, "fr") is LANGUAGES[code]


@pytest.mark.parametrize(
    ("accept_language", "code"),
    [
        ("", "en"),
        ("zu-ZA,zu;q=0.9,en;q=0.8", "zu"),
        ("en;q=0.1, fr;q=0.7", "fr"),
        ("fr;q=0.7, de;q=0.7", "fr"),
        ("ja, ko;q=0.9, es-419;q=0.2", "es"),
        ("fr;q=0, de", "de"),
        ("fr;q=0", "en"),
        ("*", "en"),
        ("AR-eg", "ar"),
        ("; ;q=1,,, =, zu;q=2, \x00, sw;q=.5, ve", "ve"),
        ("x" * 5000 + ",zu", "en"),
        (",".join(["fr;q=0.1"] * 400) + ",zu", "fr"),
    ],
)
def test_auto_is_what_the_browser_wants(accept_language, code):
    assert choose("auto", accept_language) is LANGUAGES[code]


def test_english_is_one_of_them():
    assert LANGUAGES["en"] is ENGLISH
    assert all(language.direction in {"ltr", "rtl"} for language in LANGUAGES.values())
    assert len(LANGUAGES) == 19
