"""The secrets in a page's address and forms."""

import re

import pytest

from paydesk.kit.page_tokens import form_token, is_form_token, page_token, token_hash

KEY = bytes(range(32))


def test_a_token_is_made_again_from_the_id():
    made = page_token("chk_1", KEY, is_live=False)
    assert made == page_token("chk_1", KEY, is_live=False)
    assert re.fullmatch(r"cs_test_[A-Za-z0-9_-]{43}", made)
    assert page_token("chk_1", KEY, is_live=True) == made.replace("cs_test_", "cs_live_")


def test_another_id_or_key_makes_another_token():
    tokens = {
        page_token(checkout, key, is_live=False)
        for checkout in ("chk_1", "chk_2", "", "page|chk_1")
        for key in (KEY, bytes(32))
    }
    assert len(tokens) == 8


def test_what_is_kept_tells_nothing_of_the_token():
    token = page_token("chk_1", KEY, is_live=False)
    assert len(token_hash(token)) == 32
    assert token_hash(token) != token_hash(token + " ")


def test_a_form_token_is_for_one_form_of_one_checkout():
    made = form_token("chk_1", "pay 1", KEY)
    assert is_form_token(made, "chk_1", "pay 1", KEY)
    assert not is_form_token(made, "chk_1", "pay 2", KEY)
    assert not is_form_token(made, "chk_2", "pay 1", KEY)
    assert not is_form_token(made, "chk_1", "pay 1", bytes(32))


@pytest.mark.parametrize("junk", ["", "x", "é", "\0", "=" * 24, "🛒" * 10])
def test_junk_is_no_form_token(junk):
    assert not is_form_token(junk, "chk_1", "pay 1", KEY)


def test_a_form_token_gives_no_page_away():
    page = page_token("chk_1", KEY, is_live=False)
    assert form_token("chk_1", "page", KEY) not in page
    assert form_token("chk_1", "pay 1", KEY) not in page
