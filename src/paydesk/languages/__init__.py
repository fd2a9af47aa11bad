"""The languages that payers are spoken to in: their words, amounts and dates."""

from paydesk.languages.choose import AUTO, choose
from paydesk.languages.known import ENGLISH, LANGUAGES, Language
from paydesk.languages.mark import translatable
from paydesk.languages.places import country_names
from paydesk.languages.words import Words, words_of
from paydesk.languages.writing import NumberStyle, Writing, writing_of

__all__ = [
    "AUTO",
    "ENGLISH",
    "LANGUAGES",
    "Language",
    "NumberStyle",
    "Words",
    "Writing",
    "choose",
    "country_names",
    "translatable",
    "words_of",
    "writing_of",
]
