import re

import pytest

from paydesk.languages import ENGLISH, LANGUAGES, words_of
from sentences import MACHINE_MADE, catalogue_of, is_translated, sentences

TRANSLATED = [code for code in LANGUAGES if code != ENGLISH.code]
PLACE = re.compile(r"\{(\w*)\}")
# Said in the same words in some languages.
_NAMES = re.compile(r"3-D Secure|Paydesk|American Express|[A-Z]{2,}|\W")


def places(text):
    return sorted(PLACE.findall(text))


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_said_in_every_language(code):
    said = {message.id: message for message in catalogue_of(code) if message.id}
    assert said.keys() == sentences().keys(), "run `make words` and translate what is new"
    untranslated = [message.id for message in said.values() if not is_translated(message)]
    assert not untranslated


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_keep_the_places_of_the_english(code):
    for message in catalogue_of(code):
        if isinstance(message.id, tuple):
            for form in message.string:
                assert set(places(form)) <= set(places(message.id[1])), message.id
            assert places(message.string[-1]) == places(message.id[1]), message.id
        elif message.id:
            assert places(message.string) == places(message.id), message.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_translation_says_who_made_it(code):
    for message in catalogue_of(code):
        if message.id:
            assert message.user_comments, message.id
            assert not message.fuzzy, message.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_few_sentences_are_the_same_as_in_english(code):
    same = [
        message.id
        for message in catalogue_of(code)
        if message.id and message.id == message.string and len(_NAMES.sub("", message.id)) > 12
    ]
    assert not same


def test_words_fill_their_places_and_count():
    words = words_of(LANGUAGES["de"])
    assert "R10.00" in words.text("Pay {amount}", amount="R10.00")
    one, two = (
        words.plural("You can try {count} more time.", "You can try {count} more times.", count)
        for count in ("1", "2")
    )
    assert "1" in one
    assert "2" in two
    assert words_of(ENGLISH).text("Pay {amount}", amount="R10.00") == "Pay R10.00"


def test_a_sentence_without_a_translation_stays_english():
    assert words_of(LANGUAGES["zu"]).text("Nobody says this.") == "Nobody says this."


def test_machine_made_translations_are_marked_as_such():
    marked = [m for m in catalogue_of("zu") if MACHINE_MADE in m.user_comments]
    assert marked
