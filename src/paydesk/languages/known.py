"""Which languages there are. A catalogue of the same name holds the words of each but English."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language with words.

    Shape: code is its subtag of BCP 47 (`zu`); tag says it with its region, for `lang` in HTML
        (`zu-ZA`); own_name is what its speakers call it; direction is `ltr` or `rtl`.
    """

    code: str
    tag: str
    own_name: str
    direction: str = "ltr"

    @property
    def is_south_african(self) -> bool:
        return self.tag.endswith("-ZA")


ENGLISH = Language("en", "en-ZA", "English")

_ALL = (
    ENGLISH,
    Language("af", "af-ZA", "Afrikaans"),
    Language("zu", "zu-ZA", "isiZulu"),
    Language("xh", "xh-ZA", "isiXhosa"),
    Language("st", "st-ZA", "Sesotho"),
    Language("tn", "tn-ZA", "Setswana"),
    Language("nso", "nso-ZA", "Sepedi"),
    Language("ts", "ts-ZA", "Xitsonga"),
    Language("ss", "ss-ZA", "siSwati"),
    Language("ve", "ve-ZA", "Tshivenḓa"),
    Language("nr", "nr-ZA", "isiNdebele"),
    Language("fr", "fr", "Français"),
    Language("pt", "pt", "Português"),
    Language("de", "de", "Deutsch"),
    Language("es", "es", "Español"),
    Language("nl", "nl", "Nederlands"),
    Language("ar", "ar", "العربية", "rtl"),
    Language("sw", "sw", "Kiswahili"),
    Language("zh", "zh-Hans", "中文"),
)

LANGUAGES: Mapping[str, Language] = {language.code: language for language in _ALL}
