"""The vault checks and keeps a card, and leaves no trace of it in the clear."""

import re

import pytest

from paydesk.cards import CardFaults, CardMissing, SecurityCodeGone
from paydesk.connectors.contract import CardField, Request

pytestmark = pytest.mark.anyio


async def test_a_card_is_kept_under_an_id_and_shows_only_its_mask(vault, form):
    card = await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    assert re.fullmatch(r"crd_[0-9a-z]{26}", card.id)
    assert (card.brand, card.bin, card.ending) == ("visa", "42424242", "4242")
    assert (card.expire_month, card.expire_year) == (12, 2040)
    assert re.fullmatch(r"[0-9a-f]{64}", card.fingerprint)
    assert re.fullmatch(r"[0-9a-f]{64}", card.token)


async def test_fifteen_digits_show_six(vault, form):
    amex = form(number="3782 822463 10005", security_code="1234")
    card = await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=amex)
    assert (card.brand, card.bin, card.ending) == ("amex", "378282", "0005")


async def test_all_faults_come_at_once(vault, form):
    with pytest.raises(CardFaults) as refused:
        await vault.keep(
            account_id=7,
            is_live=False,
            connector="sandbox",
            entry=form("4242424242424241", "", "1", ""),
        )
    assert refused.value.by_field == {
        "number": "card_number_checksum",
        "expiry": "expiry_missing",
        "security_code": "security_code_length",
        "name": "name_missing",
    }


async def test_broken_characters_are_faults_and_not_crashes(vault, form):
    broken = form("\ud800", "\0", "\udfff", "A\ud800\0")
    with pytest.raises(CardFaults):
        await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=broken)


async def test_a_fingerprint_is_the_number_s_and_the_account_s(vault, form):
    async def fingerprint(account_id, **changes):
        card = await vault.keep(
            account_id=account_id, is_live=False, connector="sandbox", entry=form(**changes)
        )
        return card.fingerprint

    assert await fingerprint(7) == await fingerprint(7, expiry="1/31", name="Somebody Else")
    assert await fingerprint(7) != await fingerprint(8)
    assert await fingerprint(7) != await fingerprint(7, number="5555555555554444")


async def test_a_token_is_random_and_never_the_number_s(vault, form):
    cards = [
        await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
        for _ in range(50)
    ]
    assert len({card.token for card in cards}) == 50
    assert len({card.fingerprint for card in cards}) == 1
    # Every bit is one in about half of them: by chance, one in 10^12 such tests fails.
    bits = [int(card.token, 16) for card in cards]
    ones = [sum(token >> place & 1 for token in bits) for place in range(256)]
    assert 2 < min(ones) <= max(ones) < 48
    assert all(card.token not in repr(card) for card in cards)


async def test_a_kept_card_s_code_can_be_given_again(vault, acquirer, form):
    card = await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    sent = Request("POST", acquirer.url, {}, {}, {"/code": CardField.SECURITY_CODE})

    async def forward():
        return await vault.forward(
            account_id=7, card_id=card.id, connector="sandbox", request=sent, seconds_max=5
        )

    await forward()
    with pytest.raises(SecurityCodeGone):
        await forward()
    await vault.add_security_code(account_id=7, card_id=card.id, code=" 918 ")
    await forward()
    assert [body["code"] for _, _, body in acquirer.requests] == ["917", "918"]
    with pytest.raises(SecurityCodeGone):
        await forward()


@pytest.mark.parametrize(
    ("number", "code", "rule"),
    [
        ("4242 4242 4242 4242", "", "security_code_missing"),
        ("4242 4242 4242 4242", "1234", "security_code_length"),
        ("3782 822463 10005", "123", "security_code_length"),
        ("4242 4242 4242 4242", "12a", "security_code_length"),
    ],
)
async def test_a_code_given_again_must_fit_the_card(vault, form, number, code, rule):
    kept = form(number, security_code="1234" if number.startswith("37") else "917")
    card = await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=kept)
    with pytest.raises(CardFaults) as refused:
        await vault.add_security_code(account_id=7, card_id=card.id, code=code)
    assert refused.value.by_field == {"security_code": rule}


@pytest.mark.parametrize("place", [{"account_id": 8}, {"card_id": "crd_1"}], ids=str)
async def test_a_code_for_a_card_that_is_not_kept_is_refused(vault, form, place):
    card = await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    with pytest.raises(CardMissing):
        await vault.add_security_code(**{"account_id": 7, "card_id": card.id} | place, code="917")


async def test_no_table_log_or_statement_holds_the_number_or_the_security_code(
    vault, vault_tables, traces, acquirer, form
):
    card = await vault.keep(
        account_id=7, is_live=False, connector="sandbox", entry=form(security_code="917")
    )
    sent = Request(
        "POST", acquirer.url, {}, {"card": {}}, {f"/card/{field}": field for field in CardField}
    )
    await vault.forward(
        account_id=7, card_id=card.id, connector="sandbox", request=sent, seconds_max=5
    )
    rows = await vault_tables.fetch("select * from vault.cards")
    assert any(row["id"] == card.id for row in rows)
    dump = b"|".join(
        value if isinstance(value, bytes) else str(value).encode()
        for row in rows
        for value in row.values()
    )
    said = traces.of_database()
    assert "execute" in said
    assert "insert into vault.cards" in said
    assert "Parameters:" in said or "parameters:" in said
    for secret in (b"4242424242424242", b"Dlamini"):
        assert secret not in dump
        assert secret.decode() not in traces.of_vault()
        assert secret.decode() not in traces.of_database()
    # Three digits may stand in an id or a time by chance, but never as a word.
    assert "917" not in re.findall(r"[0-9]+", traces.of_vault())
    assert b"security" not in dump
    columns = await vault_tables.fetch(
        "select column_name from information_schema.columns where table_schema = 'vault'"
    )
    assert not {"security_code", "cvv", "cvc"} & {row["column_name"] for row in columns}
    assert "insert into vault.cards" in traces.of_database()
